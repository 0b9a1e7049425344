/** `heaptape bisect`: the first event of a tape at which a condition holds. */
import { type Bisection, Travel } from '@heaptape/replay';
import { describeEvent, type EventBatch } from '@heaptape/schema';
import type { Command } from 'commander';
import { withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { startTask } from '../report/progress.ts';
import { count, counted, duration } from '../report/units.ts';
import { type CommonOptions, withExample, withJson, withProgress } from './common.ts';

interface BisectOptions extends CommonOptions {
  readonly when: string;
}

const CONDITIONS = `
A condition is made of figures (MemStats fields, heapLive, heapGoal, phase, cycle, time, ...), of the
event at hand (kind, event.COLUMN), of objects (#12.color, #12.alive, #12[0]) and of roots by name
(global.cache), with comparison, arithmetic, && || ! and sizes and durations such as 64MiB and 2ms.
\`help expressions\` in \`heaptape debug\` lists the names. Status 1 where the condition never holds.`;

const METHODS: Readonly<Record<Bisection['method'], string>> = {
  events: 'looked at events only',
  halving: 'halved the known states, for it stays true',
  scan: 'looked at states from the start',
};

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      'Finds the first event, in tape order, after which a condition over the state holds.',
    )
    .argument('<T.tape>', 'the tape')
    .requiredOption('--when <EXPR>', 'the condition')
    .addHelpText('after', CONDITIONS);
  withProgress(withJson(command));
  withExample(
    command,
    "heaptape bisect app.tape --when 'HeapAlloc > 64MiB && phase == mark'",
  ).action(async (file: string, options: BisectOptions) => {
    const [found, event] = await bisected(io, file, options);
    if (options.json) await printJson(io, found);
    else await print(io.stdout, bisectText(found, event));
    finish(found.event === null ? 1 : 0);
  });
}

function bisected(
  io: Io,
  file: string,
  { when, progress }: BisectOptions,
): Promise<[Bisection, string]> {
  return withTape(file, (reader) => {
    const travel = new Travel(reader);
    const task = startTask(io, progress, 'searching', reader.events, 'events');
    try {
      const found = travel.bisect(when, (done) => task.update(done));
      return [found, found.event === null ? '' : eventText(travel, found.event)];
    } finally {
      task.end();
    }
  });
}

/** An event with its fields, in words. */
function eventText(travel: Travel, seq: number): string {
  let text = '';
  travel.eachEvent(seq, seq, (_kind, batch: EventBatch, at) => {
    text = describeEvent(batch, seq - batch.firstSeq, at).replace(/^\d+ /, '');
    return true;
  });
  return text;
}

function bisectText({ event, timeNs, method, read }: Bisection, text: string): string {
  const how = `${METHODS[method]}; the condition was read ${counted(read, 'time')}`;
  if (event === null) return `the condition never holds (${how})\n`;
  return `event ${count(event)} at ${duration(timeNs ?? 0)}: ${text}\n(${how})\n`;
}
