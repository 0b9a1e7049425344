/**
 * What the timeline goes along, as a scale of one tape's events. Two tapes are laid over each other by it:
 * places with the same value are the same place, say after the same bytes allocated, or as far into cycle 3.
 */
import type { Opened } from '../worker/jobs/open.ts';
import { Axis } from './axis.ts';
import type { Overview } from './overview.ts';
import type { AxisName } from './state.ts';

type Extent = Pick<Opened, 'begin' | 'beginNs' | 'events' | 'ends' | 'endTimesNs'>;

/** Events and virtual times: at first by the ends of segments, then by the overview. */
export function timesOf(tape: Extent, { points, fine, coarse }: Overview): Axis {
  const ready = fine > 0 || coarse === tape.events;
  return ready
    ? new Axis([tape.begin, ...points.seq], [tape.beginNs, ...points.timeNs])
    : new Axis([tape.begin, ...tape.ends], [tape.beginNs, ...tape.endTimesNs]);
}

/** Whole numbers are starts of cycles: cycle n begins at n. */
function cyclesOf({ begin, events }: Extent, { bands }: Overview): Axis {
  const marks = bands.filter(({ kind }) => kind === 'mark');
  const first = marks[0]?.cycle ?? 1;
  const last = marks.at(-1)?.cycle ?? 0;
  return new Axis(
    [begin, ...marks.map(({ from }) => from), events],
    [first - 1, ...marks.map(({ cycle }) => cycle), last + 1],
  );
}

/** Bytes allocated; straight where they are not known yet. */
function allocatedOf({ begin, events }: Extent, { points }: Overview): Axis {
  const seqs: number[] = [];
  const bytes: number[] = [];
  for (const [i, allocated] of points.allocated.entries()) {
    if (Number.isNaN(allocated)) continue;
    seqs.push(points.seq[i]);
    bytes.push(allocated);
  }
  return seqs.length > 1 ? new Axis(seqs, bytes) : new Axis([begin, events], [begin, events]);
}

export function scaleOf(name: AxisName, tape: Extent, overview: Overview): Axis {
  switch (name) {
    case 'time':
      return timesOf(tape, overview);
    case 'event':
      return new Axis([tape.begin, tape.events], [tape.begin, tape.events]);
    case 'allocated':
      return allocatedOf(tape, overview);
    case 'cycle':
      return cyclesOf(tape, overview);
  }
}
