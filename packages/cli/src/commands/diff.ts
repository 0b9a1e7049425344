/** `heaptape diff`: where two tapes part, and what differs in sum. */
import { diffTapes, type TapeDiff } from '@heaptape/replay';
import type { Command } from 'commander';
import { withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { tableText } from '../report/table.ts';
import { count } from '../report/units.ts';
import { type CommonOptions, withExample, withJson } from './common.ts';

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description('Compares two tapes event by event; status 1 if they differ.')
    .argument('<A.tape>', 'one tape')
    .argument('<B.tape>', 'the other');
  withJson(command);
  withExample(command, 'heaptape diff before.tape after.tape').action(
    async (a: string, b: string, options: CommonOptions) => {
      const found = await withTape(a, (left) => withTape(b, (right) => diffTapes(left, right)));
      if (options.json) await printJson(io, found);
      else await print(io.stdout, diffText(found, a, b, io.width));
      finish(found.equal ? 0 : 1);
    },
  );
}

const COLUMNS = [
  { title: 'what', align: 'left', rank: 0 },
  { title: 'A', rank: 0 },
  { title: 'B', rank: 0 },
] as const;

function diffText(found: TapeDiff, a: string, b: string, width: number): string {
  const { equal, firstDivergence, summary } = found;
  if (equal) return 'the tapes hold the same events\n';
  const lines = [`A is ${a}, B is ${b}`];
  if (firstDivergence !== null) {
    const { seq, a: left, b: right } = firstDivergence;
    lines.push(`they part at event ${count(seq)}`);
    lines.push(`  A: ${left ?? '(ends before it)'}`, `  B: ${right ?? '(ends before it)'}`);
  }
  const rows = Object.entries(summary).flatMap(([name, pair]) => rowsOf(name, pair.a, pair.b));
  return `${lines.join('\n')}\n\n${tableText(COLUMNS, rows, width)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A row a figure; of objects, a row for each entry that differs. */
function rowsOf(name: string, a: unknown, b: unknown): string[][] {
  if (!isObject(a) || !isObject(b)) return [[name, textOf(a), textOf(b)]];
  return Object.keys({ ...a, ...b })
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .flatMap((key) => rowsOf(`${name}.${key}`, a[key], b[key]));
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '-');
