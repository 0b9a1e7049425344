/** Lines with figures that no Go program prints; found by test/hostile. */
import { expect, test } from 'vitest';
import { parseGcpacertraceLine } from './gcpacertrace.ts';
import { parseGctrace, parseGctraceLine } from './gctrace.ts';
import { parseScavtraceLine } from './scavtrace.ts';

const LARGE = '9007199254740993';

test('figures beyond 2^53 are no line of gctrace, and the line counts as damaged', () => {
  const line =
    'gc 6 @2.163s 8%: 0.11+459+1.4 ms clock, 0.22+0.14/228/218+2.8 ms cpu, 1->2->3 MB, 4 MB goal, 2 P';
  expect(parseGctraceLine(line)).toBeDefined();
  const numbers = [...line.matchAll(/\d+(?:\.\d+)?/g)];
  expect(numbers.length).toBe(16);
  for (const { index, 0: number } of numbers) {
    for (const put of [LARGE, '9'.repeat(40), '9'.repeat(400)]) {
      const text = number.includes('.') && line[index - 1] === '@' ? `${put}.000` : put;
      const altered = line.slice(0, index) + text + line.slice(index + number.length);
      expect(parseGctraceLine(altered), altered).toBeUndefined();
      expect(parseGctrace(altered)).toEqual({ rows: [], otherLines: 0, damagedLines: 1 });
    }
  }
});

test.each([
  'scav X KiB work (bg), 0 KiB work (eager), 6728 KiB now, 83% util',
  'scav 1 KiB work (bg), 0 KiB work (eager), 6728 KiB now, X% util',
])('no line of scavtrace: %s', (line) => {
  expect(parseScavtraceLine(line.replace('X', '7'))).toBeDefined();
  expect(parseScavtraceLine(line.replace('X', LARGE))).toBeUndefined();
});

test.each([
  'pacer: assist ratio=0.81 (scan 0 MB in 3->X MB) workers=0+0.25',
  'pacer: X% CPU (25 exp.) for 1+2+3 B work (6 B exp.) in 4 B -> 5 B (∆goal 6, cons/mark 0)',
  'pacer: 1% CPU (25 exp.) for 1+2+3 B work (6 B exp.) in 4 B -> 5 B (∆goal X7X, cons/mark 0)',
  'pacer: sweep done at heap size 4MB; allocated XMB during sweep; swept 5 pages at 0.1 pages/byte',
])('no line of gcpacertrace: %s', (line) => {
  expect(parseGcpacertraceLine(line.replaceAll('X', '7'))).toBeDefined();
  expect(parseGcpacertraceLine(line.replaceAll('X', LARGE))).toBeUndefined();
});
