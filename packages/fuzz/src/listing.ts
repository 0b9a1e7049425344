/** A program as text for people: its settings, the program as Go, then every command that it gave. */
import { CELLS, describeEvent, EventBatch, specOfTag, type TapeReader } from '@heaptape/schema';
import type { Counterexample } from './campaign.ts';
import { goText } from './gotext.ts';

/** Events around the one that shows it. */
const CONTEXT = 12;

/** What was found, and the program that shows it; `command` is the one that shows it again. */
export function listing({ violation, program, run }: Counterexample, command = ''): string {
  const { api, config, features, operations, fine, single } = program;
  const lines = api === 'runtime' ? run.lines : goText(run.tape);
  const { property, seq, message } = violation;
  const { costs, ...settings } = config;
  const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return [
    `${property}: ${message} (event ${seq} of ${run.events})`,
    ...(command === '' ? [] : [`to see it again: ${command}`]),
    '',
    `settings: ${set.join(' ')}`,
    `costs: markNsPerByte=${costs.markNsPerByte} sweepNsPerSpan=${costs.sweepNsPerSpan}`,
    `marking: recorded ${fine ? 'by object' : 'by span'}, ${single ? 'in single steps' : 'in rounds'}`,
    `over the ${api}, features: ${features.join(', ') || 'none'}`,
    `operations: ${operations.map((operation) => operation.join(' ')).join('; ')}`,
    '',
    'program:',
    ...lines.map((line) => `  ${line}`),
    '',
    'commands:',
    ...commandsOf(run.tape),
    '',
    `events up to ${seq}:`,
    ...eventsBefore(run.tape, seq),
    '',
  ].join('\n');
}

const commandsOf = (tape: TapeReader): string[] =>
  eventLines(tape, (tag) => specOfTag(tag)?.role === 'mutator');

const eventsBefore = (tape: TapeReader, seq: number): string[] =>
  eventLines(tape, (_, at) => at <= seq && at > seq - CONTEXT);

function eventLines(tape: TapeReader, wanted: (tag: number, seq: number) => boolean): string[] {
  const lines: string[] = [];
  const batch = new EventBatch();
  for (let segment = 0; segment < tape.segments.length; segment += 1) {
    tape.readSegment(segment, batch);
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      if (wanted(batch.kinds[i], batch.firstSeq + i)) {
        lines.push(`  ${describeEvent(batch, i, at)}`);
      }
      at += CELLS[batch.kinds[i]];
    }
  }
  return lines;
}
