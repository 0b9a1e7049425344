/**
 * A writer killed at any instant leaves a tape that opens and holds a prefix of what it wrote, with
 * nothing missing that it had said was written. Real processes and SIGKILL; the child runs the built
 * package, which is brought up to date first.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EVENTS, EventBatch } from '@heaptape/schema';
import { beforeAll, expect, it } from 'vitest';
import { openTapeWriter } from './open.ts';
import { openTape } from './reader.ts';
import { temporaryFolders } from './tapes.testkit.ts';

const folder = temporaryFolders();
const COUNT = 700;
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

/** Writes segments until it is killed or reaches `limit`, and says after each how far it is. */
const CHILD = `
import { EVENTS, EventBatch } from '@heaptape/schema';
import { openTapeWriter } from './dist/index.js';
import { writeSync } from 'node:fs';
const [path, appendTo, limit] = process.argv.slice(1);
const tape = openTapeWriter(path, { appendTo: appendTo === 'true' });
writeSync(1, tape.events + '\\n');
const batch = new EventBatch();
while (tape.events < Number(limit)) {
  const first = tape.events + 1;
  batch.clear(first, 1);
  for (let seq = first; seq < first + ${COUNT}; seq += 1) {
    batch.push(EVENTS.MutatorRan.tag, [(seq * 7919) % 100003]);
  }
  tape.append(batch, '0123456789abcdef', first);
  if (first % 3 === 0) {
    tape.putDocument('progress', first);
    tape.putSnapshot({ seq: tape.events, control: new Uint8Array(300), columns: { a: [new Uint8Array(9000).fill(first)] } });
  }
  writeSync(1, tape.events + '\\n');
}
tape.close();
`;

beforeAll(() => {
  const tsc = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
  );
  execFileSync(process.execPath, [join(tsc, 'tsc'), '-b', packageFolder]);
});

/** Runs a writer and kills it after `ms` of writing. Returns what it said last, and its end. */
async function runAndKill(path: string, appendTo: boolean, limit: number, ms: number) {
  const args = ['--input-type=module', '-e', CHILD, path, String(appendTo), String(limit)];
  const child = spawn(process.execPath, args, {
    cwd: packageFolder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const started = new Promise((resolve) => {
    child.stdout.on('data', (text) => {
      said += text;
      resolve(true);
    });
    child.on('exit', resolve);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? String(code)));
  });
  await started;
  await sleep(ms);
  child.kill('SIGKILL');
  const end = await ended;
  return { pid: child.pid ?? 0, end, written: Number(said.trim().split('\n').at(-1)) };
}

/** Opens what is there and compares it with what must be there. Returns the number of events. */
function expectPrefix(path: string, written: number): number {
  const tape = openTape(path);
  expect(tape.events).toBeGreaterThanOrEqual(written);
  expect(tape.events).toBeLessThanOrEqual(written + COUNT);
  const batch = new EventBatch();
  tape.segments.forEach((_, index) => {
    tape.readSegment(index, batch);
    expect(batch.count).toBe(COUNT);
    for (let i = 0; i < COUNT; i += 1) {
      expect(batch.kinds[i] === EVENTS.MutatorRan.tag).toBe(true);
      if (batch.args[i] !== ((batch.firstSeq + i) * 7919) % 100003) expect.fail('wrong event');
    }
  });
  for (const seq of tape.snapshots) expect(tape.readSnapshot(seq).seq).toBe(seq);
  const { problems } = tape.check();
  const unsealed = `the tape was not closed; it ends with event ${tape.events}`;
  expect(problems).toEqual(tape.closed ? [] : [unsealed]);
  const { events } = tape;
  tape.close();
  return events;
}

it('a new tape is a readable partial file, or whole under its final name', async () => {
  for (let round = 0; round < 7; round += 1) {
    const path = join(folder(), 'x.tape');
    const limit = round < 5 ? 1e9 : 40 * COUNT;
    const { pid, end, written } = await runAndKill(path, false, limit, round * 11);
    const names = readdirSync(dirname(path));
    if (existsSync(path)) {
      expect(names).toEqual(['x.tape']);
      expect(expectPrefix(path, written)).toBe(limit);
      continue;
    }
    expect(end).toBe('SIGKILL');
    expect(names).toContain(`x.tape.partial-${pid}`);
    expectPrefix(`${path}.partial-${pid}`, written);
    openTapeWriter(path).close();
    expect(readdirSync(dirname(path))).toEqual(['x.tape']);
  }
});

it('a continued tape holds a prefix, and the next writer goes on from there', async () => {
  const path = join(folder(), 'x.tape');
  openTapeWriter(path).close();
  let events = 0;
  for (let round = 0; round < 8; round += 1) {
    const limit = round < 6 ? 1e9 : events + 20 * COUNT;
    const { written } = await runAndKill(path, true, limit, (round * 37) % 60);
    expect(written).toBeGreaterThanOrEqual(events);
    events = expectPrefix(path, written);
  }
  const writer = openTapeWriter(path, { appendTo: true });
  expect(writer.events).toBe(events);
  writer.close();
  expect(expectPrefix(path, events)).toBe(events);
  expect(readdirSync(dirname(path))).toEqual(['x.tape']);
});
