/**
 * A vitest reporter whose only output is the last line of a run: `N passed, N failed, N skipped`.
 *
 * It counts tests, each property once however many runs it has. What vitest reports outside of any
 * test counts as one failed test each, so that the line can never look better than the exit status:
 * a file or a suite that fails by itself (it does not load, a hook throws), and an unhandled error.
 *
 * The line is written as the process ends, because vitest and its other reporters still print after
 * a run has ended.
 */

export default class ClosingLineReporter {
  #line;

  onInit() {
    process.once('exit', () => {
      if (this.#line !== undefined) process.stdout.write(`${this.#line}\n`);
    });
  }

  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      for (const group of [module, ...module.children.allSuites()]) {
        if (group.errors().length > 0) count.failed += 1;
      }
    }
    // A test is still pending here only if the run was cut short; it has not passed.
    this.#line = `${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`;
  }
}
