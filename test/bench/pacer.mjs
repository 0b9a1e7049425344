/**
 * `pacer`: cycles a second through the public pacer, two revisions a cycle.
 *
 * The baseline cannot be run here: it is the speed at which the Go team's public model of the pacer runs
 * the same kind of scenario, a constant measured elsewhere.
 */
import { Pacer } from '@heaptape/core';
import { inChild, medianOf, rounds, stopwatch } from './measure.mjs';

const PUBLIC_MODEL_CYCLES = 135_000;
const WARM_UP = 20_000;

/** A server at about 40 MB whose load swings: heap, roots and speeds differ from cycle to cycle. */
function playCycles(pacer, count) {
  let checksum = 0;
  for (let i = 0; i < count; i += 1) {
    const stackBytes = 65536 + (i % 7) * 8192;
    pacer.startCycle({ stackBytes, globalsBytes: 196608, scannableFraction: 0.7, procs: 4 });
    const marked = 40_000_000 + (i % 13) * 1_000_000;
    const work = Math.trunc(marked * 0.7);
    const half = work >> 1;
    pacer.revise({
      heapLive: 600_000 + (i % 5) * 50_000,
      heapScan: 0,
      heapScanWork: half,
      stackScanWork: stackBytes,
      globalsScanWork: 196608,
    });
    checksum += pacer.assistWorkPerByte;
    pacer.revise({
      heapLive: 700_000,
      heapScan: 0,
      heapScanWork: work - half,
      stackScanWork: 0,
      globalsScanWork: 0,
    });
    checksum += pacer.assistWorkPerByte;
    const elapsedNs = 9_000_000 + (i % 3) * 1_000_000;
    pacer.endCycle({ bytesMarked: marked, assistNs: 400_000, elapsedNs, procs: 4 });
    checksum += pacer.trigger;
  }
  return checksum;
}

const ours = ({ cycles }) => {
  const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
  playCycles(pacer, WARM_UP);
  const lap = stopwatch();
  const checksum = playCycles(pacer, cycles);
  return { rate: cycles / lap(), checksum };
};

export const pacer = {
  names: ['pacer'],
  tasks: { ours },
  async run({ quick }) {
    const cycles = quick ? 300_000 : 2_000_000;
    const of = await rounds(quick ? 1 : 3, { ours: () => inChild('pacer', 'ours', { cycles }) });
    return [
      {
        name: 'pacer',
        value: medianOf(of.ours, 'rate'),
        unit: 'cycles/s',
        baseline: PUBLIC_MODEL_CYCLES,
        baselineSource: 'quoted constant: the Go team’s public pacer model, measured elsewhere',
        target: { ratio: 4 },
        note: 'the baseline is a quoted constant, not run here',
      },
    ];
  },
};
