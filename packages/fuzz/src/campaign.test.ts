/** The canary: a campaign with a promise that cannot be kept finds, shrinks, keeps and repeats it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTape } from '@heaptape/log';
import { verifyTape } from '@heaptape/replay';
import { EVENTS } from '@heaptape/schema';
import { afterAll, describe, expect, it } from 'vitest';
import { type CheckerKind, listing, runCampaign, saveTape, Violation } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'heaptape-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The heap triggers no cycle: nearly every program breaks this. */
const canary: CheckerKind = {
  name: 'canary',
  doc: 'no heap ever triggers a cycle',
  make: () => ({
    name: 'canary',
    before: (event) => {
      if (event.tag !== EVENTS.GCStarted.tag || event.arg(1) !== 0) return;
      throw new Violation('canary', event.seq, 'a cycle began');
    },
  }),
};

describe('a promise that cannot be kept', () => {
  const found = runCampaign({ runs: 50, seed: 1, length: 60, checkers: [canary] });

  it('is found and shrunk to a small program', () => {
    expect(found.counterexample?.violation.property).toBe('canary');
    expect(found.counterexample?.program.operations.length).toBeLessThanOrEqual(2);
    expect(found.counterexample?.program.features.length).toBeLessThanOrEqual(1);
  });

  it('is found again by seed and path, in one run', () => {
    const path = found.counterexample?.path ?? '';
    const again = runCampaign({ runs: 50, seed: 1, length: 60, path, checkers: [canary] });
    expect(again.counterexample?.program).toEqual(found.counterexample?.program);
    expect(again.counterexample?.violation.seq).toBe(found.counterexample?.violation.seq);
    expect(again.runs).toBe(1);
  });

  it.each([0, 0.05])('is shrunk for %d s at most; the path leads to that', (shrinkSeconds) => {
    const options = { runs: 50, seed: 1, length: 60, shrinkSeconds, checkers: [canary] };
    const { counterexample, shrinkSeconds: took } = runCampaign(options);
    expect(took).toBeLessThan(5);
    const again = runCampaign({ ...options, path: counterexample?.path ?? '' });
    expect(again.counterexample?.program).toEqual(counterexample?.program);
  });

  it('is looked for no longer than one wants', () => {
    const none = runCampaign({ runs: 1_000_000, seconds: 0.3, seed: 1, length: 20, checkers: [] });
    expect(none.counterexample).toBeNull();
    expect(none.runs).toBeLessThan(1_000_000);
    expect(none.searchSeconds).toBeLessThan(30);
  });

  it('is kept as a tape that verifies, and as a listing', () => {
    const { counterexample } = found;
    if (counterexample === null) throw new Error('nothing was found');
    const path = join(folder, 'canary.tape');
    saveTape(counterexample.run.tape, path);
    const reader = openTape(path);
    expect(reader.events).toBe(counterexample.run.events);
    expect(verifyTape(reader).verified).toBe(true);
    reader.close();
    const text = listing(counterexample);
    expect(text).toContain('canary: a cycle began');
    expect(text).toMatch(/\n {2}\d+ ObjectAllocated site=/);
    expect(text).toMatch(/\n {2}\d+ GCStarted n=1 trigger=0/);
  });
});
