import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeProgramTape } from '../../../../test/e2e/program.testkit.ts';
import { testIo } from '../io.testkit.ts';
import { runProgram } from '../program.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'heaptape-bisect-'));
const TAPE = join(FOLDER, 'app.tape');

beforeAll(() => writeProgramTape(TAPE));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

async function bisected(
  when: string,
  ...options: string[]
): Promise<{ status: number; text: string }> {
  const io = testIo();
  const status = await runProgram(['bisect', TAPE, '--when', when, ...options], io);
  return { status, text: io.out() };
}

test('answers scripts with the keys they rely on', async () => {
  const { status, text } = await bisected('#2.state == black', '--json');
  expect(status).toBe(0);
  const { event, timeNs } = JSON.parse(text) as { event: number; timeNs: number };
  const io = testIo();
  expect(await runProgram(['state', TAPE, '--at', String(event), '--json'], io)).toBe(0);
  expect(JSON.parse(io.out())).toMatchObject({ event, timeNs, phase: '_GCmark' });
});

test('status 1 says that a condition never holds', async () => {
  const never = await bisected('NumGC > 99', '--json');
  expect(never.status).toBe(1);
  expect(JSON.parse(never.text)).toMatchObject({ event: null, timeNs: null });
  expect(await bisected('NumGC > 99')).toMatchObject({
    status: 1,
    text: expect.stringMatching(/^the condition never holds \(/),
  });
});

test('people see the event', async () => {
  const { text } = await bisected('kind == GCStarted && cycle == 2');
  expect(text).toMatch(/^event \d+ at [\d.]+ ms: GCStarted n=2 .*\n\(looked at .*\)\n$/);
});

test.each([
  ['heapLive', 'column 1: a condition is true or false, not a size'],
  ['heapLive > ', 'column 12: the expression ends too early'],
])('%s is refused', async (when, message) => {
  const error: unknown = await bisected(when).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HeaptapeError);
  expect(error).toMatchObject({ code: 'bad-usage', message });
});
