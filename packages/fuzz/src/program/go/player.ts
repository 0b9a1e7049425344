/**
 * Carries out a program over the runtime's interface.
 *
 * 1. Its operations are the main goroutine's, but for blocks: `go n` hands the next operations to a new
 *    goroutine. Between operations others may run, where the operation says so.
 * 2. When it is done the main goroutine lets the others finish, drops its variables and collects until
 *    nothing happens any more; then it is known which finalizers and cleanups must have run.
 * 3. A deadlock is a legal end if everybody rightly waits; so is a program that ends while others wait.
 */
import { type Go, GoFatal, type Runtime } from '@heaptape/core';
import type { Operation, Program } from '../swarm.ts';
import { Concurrency } from './concurrency.ts';
import { runContainers } from './containers.ts';
import { Lifetimes } from './lifetimes.ts';
import { runObjects } from './objects.ts';
import { Settings } from './settings.ts';
import { Frame, GoState, type Wait } from './state.ts';
import { fateOf } from './things.ts';

const DEADLOCK = 'all goroutines are asleep - deadlock!';
/** Most operations of a goroutine's block. */
const BLOCK = 16;
/** Time in which others may finish: at first, and at most, ns. */
const ROUND_NS = 1_000_000;
const LONGEST_NS = 60_000_000_000;
/** Cycles beyond one for each thing that is due. */
const ROUNDS = 20;
/** Cycles after which pools have nothing left, and some more. */
const LEAST_CYCLES = 4;
/** A goroutine gives way after one in so many operations. */
const GIVE_WAY = 3;

export class Player {
  readonly state: GoState;
  readonly #operations: readonly Operation[];
  readonly #concurrency: Concurrency;
  readonly #lifetimes: Lifetimes;
  readonly #settings: Settings;
  /** Operations carried out. */
  #done = 0;

  constructor(rt: Runtime, { config, operations }: Program) {
    this.state = new GoState(rt);
    this.#operations = operations;
    this.#concurrency = new Concurrency(this.state);
    this.#lifetimes = new Lifetimes(this.state);
    const limit = config.memoryLimit === 0 ? Infinity : config.memoryLimit;
    this.#settings = new Settings(this.state, Math.max(-1, config.gcPercent), limit, config.procs);
  }

  /** Runs it to its end. */
  run(): void {
    const { rt } = this.state;
    try {
      rt.start((g) => this.#main(new Frame(g, null)));
    } catch (error) {
      if (!(error instanceof GoFatal) || error.text !== DEADLOCK) throw error;
      this.#deadlocked();
    }
  }

  *#main(frame: Frame): Go {
    this.state.frames.push(frame);
    yield* this.#block(frame, 0, this.#operations.length);
    yield* this.#settle(frame);
    this.state.checkAll();
    yield* this.#end(frame);
  }

  /** Sleeps until the others have ended or wait: one that waited may have been woken and not run yet. */
  *#settle(main: Frame): Go {
    let before: (Wait | null)[] = [];
    for (let ns = ROUND_NS; ; ns = Math.min(2 * ns, LONGEST_NS)) {
      const now = this.state.frames.filter((frame) => frame !== main).map(({ wait }) => wait);
      if (!this.#busy(main) && now.every((wait, i) => wait === before[i])) return;
      before = now;
      yield* this.state.rt.sleep(ns);
    }
  }

  #busy(main: Frame): boolean {
    return this.state.frames.some((frame) => frame !== main && !frame.done && frame.wait === null);
  }

  *#block(frame: Frame, from: number, to: number): Go {
    for (let i = from; i < to; i += 1) {
      const operation = this.#operations[i];
      if (operation === undefined) return;
      const [kind, a, , c] = operation;
      if (kind === 'go') {
        const end = Math.min(to, i + 2 + (a % BLOCK));
        this.#go(frame, operation, i + 1, end);
        i = end - 1;
      } else yield* this.#act(frame, operation);
      if (c % GIVE_WAY === 1) {
        this.state.say(frame, 'runtime.Gosched()');
        yield;
      }
    }
  }

  /** The go statement, with a closure over something. */
  #go(frame: Frame, [, , b]: Operation, from: number, to: number): void {
    const { rt } = this.state;
    const found = this.state.pick(frame, b);
    const captures = found?.thing.obj ? [found.thing.obj] : [];
    const started: { frame: Frame | null } = { frame: null };
    const body = rt.func({ params: [], captures }, () => this.#goroutine(started, from, to));
    const g = rt.go(body);
    started.frame = new Frame(g, found?.thing.obj ? found.thing : null);
    this.state.frames.push(started.frame);
    this.state.say(
      frame,
      `go func() { /* goroutine ${g.id}, with ${found?.text ?? 'nothing'} */ }()`,
    );
  }

  *#goroutine(started: { frame: Frame | null }, from: number, to: number): Go {
    const { frame } = started;
    if (frame === null) return;
    if (frame.captured !== null) frame.locals[0]?.set(frame.captured);
    yield* this.#block(frame, from, to);
    frame.done = true;
  }

  *#act(frame: Frame, operation: Operation): Go {
    this.#done += 1;
    // The tape is cut in the middle, wherever that is: in a cycle, in a sweep.
    if (this.#done === this.#operations.length >> 1) this.state.rt.flush();
    if (runObjects(this.state, frame, operation)) return;
    if (runContainers(this.state, frame, operation)) return;
    if (this.#lifetimes.run(frame, operation)) return;
    const rest = this.#concurrency.run(frame, operation) ?? this.#settings.run(frame, operation);
    if (rest === null) throw new Error(`there is no operation ${operation[0]}`);
    yield* rest;
  }

  #deadlocked(): void {
    for (const frame of this.state.frames) {
      if (frame.done) continue;
      const wrong = this.#concurrency.wronglyWaits(frame);
      if (wrong !== null) this.state.fail(`deadlock: ${wrong}`);
      if (frame.wait === null) this.state.fail(`deadlock: goroutine ${frame.id} does not wait`);
    }
    this.state.say(null, `// fatal error: ${DEADLOCK}`);
  }

  /** Nothing is left in variables: what must run runs, and nothing else. */
  *#end(frame: Frame): Go {
    const { state } = this;
    state.ending = true;
    state.say(frame, '// the end: every variable is nil, then runtime.GC() until nothing happens');
    for (const variable of [...state.globals, ...frame.locals]) {
      if (variable.thing !== null) variable.set(null);
    }
    const notes = [...state.finalizers, ...state.cleanups].filter((note) => note.state === 'set');
    const fate = fateOf(state.rooted, state.finalizers, state.cleanups);
    const most = notes.length === 0 ? 1 : fate.size + ROUNDS;
    for (let i = 0; i < most; i += 1) {
      state.rt.GC();
      yield* state.rt.sleep(ROUND_NS);
      if (i >= LEAST_CYCLES && [...fate].every((note) => note.state === 'ran')) break;
    }
    state.expect(!this.#busy(frame), () => 'a goroutine is still running');
    for (const note of notes) {
      const due = fate.has(note);
      const what = `${'arg' in note ? 'the cleanup' : 'the finalizer'} of #${note.thing.obj?.id}`;
      state.expect((note.state === 'ran') === due, () => {
        return due ? `${what} was due and did not run` : `${what} ran and was not due`;
      });
    }
  }
}
