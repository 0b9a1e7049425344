/** `heaptape check`: is the file what was written, and do its snapshots agree with its events? */
import { snapshotChecker } from '@heaptape/replay';
import type { Command } from 'commander';
import { withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { count, counted } from '../report/units.ts';
import { type CommonOptions, withExample, withJson } from './common.ts';

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Examines a tape: SQLite's structure, checksums, the hash chain, the seal, and each stored snapshot
against the events before it. Status 1 if anything is wrong.`,
    )
    .argument('<T.tape>', 'the tape');
  withJson(command);
  withExample(command, 'heaptape check app.tape').action(
    async (file: string, options: CommonOptions) => {
      const { ok, problems } = await check(io, file, options);
      finish(ok && problems.length === 0 ? 0 : 1);
    },
  );
}

interface Checked {
  readonly ok: boolean;
  readonly problems: readonly string[];
}

function check(io: Io, file: string, options: CommonOptions): Promise<Checked> {
  return withTape(
    file,
    async (reader) => {
      const report = reader.check({ onSnapshot: snapshotChecker(reader) });
      const problems = report.problems.map((problem) => problem.replaceAll(reader.path, file));
      const found = { ok: report.ok, problems };
      if (options.json) await printJson(io, found);
      else await print(io.stdout, checkText(file, found, reader));
      return found;
    },
    { allowDamaged: true },
  );
}

function checkText(
  file: string,
  { ok, problems }: Checked,
  {
    events,
    segments,
    snapshots,
  }: { events: number; segments: readonly unknown[]; snapshots: readonly unknown[] },
): string {
  const size = `${counted(events, 'event')} in ${counted(segments.length, 'segment')}`;
  if (ok) return `${file}: sound; ${size}, ${counted(snapshots.length, 'snapshot')}\n`;
  const left = `${count(events)} events can still be reached`;
  return `${file}: DAMAGED; ${left}\n${problems.map((problem) => `  ${problem}\n`).join('')}`;
}
