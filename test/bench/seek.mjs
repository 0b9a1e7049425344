/**
 * `seek-p99`: a random seek in a tape of ten million events, warm (after one pass), against folding from
 * the start. `step-back-p99`: one event backwards, a few times from each of many random places, against a debugger's reverse-step.
 *
 * Folding from the start takes time in proportion to the target, so the 99th percentile of that way is
 * 0.99 of a whole fold.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTape } from '@heaptape/log';
import { foldTape, Timeline } from '@heaptape/replay';
import { inChild, quantile, stopwatch } from './measure.mjs';
import { generator } from './stream.mjs';
import { recordGraph } from './tapes.mjs';

/** Events that one operation of the stream leaves on the tape, about; see `make`. */
const EVENTS_AN_OPERATION = 1.06;

/** Steps backwards from each random place, one after the other. */
const STEPS_A_PLACE = 4;

const make = ({ path, mixed }) => ({ events: recordGraph(path, mixed) });

const fold = ({ path }) => {
  const reader = openTape(path);
  const lap = stopwatch();
  foldTape(reader);
  return { ms: lap() * 1e3 };
};

const seeks = ({ path, count }) => {
  const reader = openTape(path);
  const timeline = new Timeline(reader);
  timeline.seek(reader.events);
  const rnd = generator(4242);
  const target = () => STEPS_A_PLACE + 1 + rnd(reader.events - STEPS_A_PLACE - 1);
  const timed = (seq) => {
    const lap = stopwatch();
    timeline.seek(seq);
    return lap() * 1e3;
  };
  for (let i = 0; i < count / 10; i += 1) timed(target());
  const random = Array.from({ length: count }, () => timed(target()));
  const steps = [];
  for (let i = 0; i < count / STEPS_A_PLACE; i += 1) {
    timeline.seek(target());
    for (let k = 0; k < STEPS_A_PLACE; k += 1) steps.push(timed(timeline.seq - 1));
  }
  const { rss } = process.memoryUsage();
  return {
    p50: quantile(random, 0.5),
    p99: quantile(random, 0.99),
    worst: quantile(random, 1),
    back50: quantile(steps, 0.5),
    back99: quantile(steps, 0.99),
    rssMb: rss / 1e6,
    events: reader.events,
  };
};

const DEBUGGED = `int work(int n) {
  int s = 0;
  for (int i = 0; i < n; i++) {
    s += i;
    s ^= s << 1;
  }
  return s;
}
int stop(int s) { return s & 1; }
int main(void) { return stop(work(ROUNDS)); }
`;
/**
 * Records about 0.4 M instructions (fewer with --quick), then steps back line by line from their end, timing each. A step that
 * meets the start of the recording has not stepped, and spoils the figure: none is given then.
 */
const DEBUGGER_SCRIPT = `import time
def run(command):
    return gdb.execute(command, to_string=True)
run('set pagination off'); run('set confirm off')
run('break work'); run('run')
run('set record full insn-number-max unlimited'); run('record full')
run('break stop'); run('continue')
run('delete'); run('reverse-finish'); run('reverse-step')
times = []
stuck = 0
for i in range(200):
    started = time.perf_counter()
    said = run('reverse-step')
    times.append(time.perf_counter() - started)
    stuck += 'No more reverse-execution history' in said
times.sort()
if stuck == 0:
    print('P99MS', times[int(0.99 * len(times)) - 1] * 1000)
run('kill')
`;

/** 99th percentile of a reverse-step in gdb's full recording, ms; a note where that cannot be had. */
function debuggerStep(folder, quick) {
  const program = join(folder, 'debugged');
  const script = join(folder, 'step.py');
  writeFileSync(`${program}.c`, DEBUGGED);
  writeFileSync(script, DEBUGGER_SCRIPT);
  const built = spawnSync('cc', [
    '-g',
    '-O0',
    `-DROUNDS=${quick ? 3_000 : 30_000}`,
    '-o',
    program,
    `${program}.c`,
  ]);
  if (built.status !== 0) return { ms: null, note: 'no baseline: no C compiler' };
  const gdb = spawnSync('gdb', ['-nx', '-batch', '-x', script, program], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const found = /P99MS ([\d.]+)/.exec(gdb.stdout ?? '');
  if (found === null) return { ms: null, note: 'no baseline: gdb cannot record here' };
  return { ms: Number(found[1]), note: 'baseline: p99 of reverse-step in gdb record full' };
}

export const seek = {
  names: ['seek-p99', 'step-back-p99'],
  tasks: { make, fold, seeks },
  async run({ quick, folder }) {
    const events = quick ? 1_000_000 : 10_000_000;
    const path = join(folder, 'seek.tape');
    await inChild('seek', 'make', { path, mixed: Math.ceil(events / EVENTS_AN_OPERATION) });
    const whole = await inChild('seek', 'fold', { path });
    const found = await inChild('seek', 'seeks', { path, count: quick ? 100 : 400 });
    const { ms, note } = debuggerStep(folder, quick);
    const of = `${found.events} events, ${found.rssMb.toFixed(0)} MB resident`;
    return [
      {
        name: 'seek-p99',
        value: found.p99,
        unit: 'ms',
        baseline: whole.ms * 0.99,
        target: { max: 50 },
        note: `p50 ${found.p50.toFixed(1)} ms, worst ${found.worst.toFixed(1)} ms; ${of}`,
      },
      {
        name: 'step-back-p99',
        value: found.back99,
        unit: 'ms',
        baseline: ms,
        target: { max: 2 },
        note: `p50 ${found.back50.toFixed(2)} ms; ${note}`,
      },
    ];
  },
};
