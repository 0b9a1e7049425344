/**
 * Allocations as a heap profile: gzipped, with the four sample types of Go's own.
 *
 * A sample is a site. Its stack is the one that the tape knows, else one frame that bears the type's
 * name; labels are the slot's size and the type. Nothing is sampled, so the period is 1.
 */
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  encodePprof,
  type PprofFrame,
  type PprofLabel,
  type PprofSample,
} from '@heaptape/formats/write';
import {
  allocationsBySite,
  type SiteAllocations,
  type SiteStacks,
  siteStacksOf,
} from '@heaptape/replay';
import { startTask } from '../report/progress.ts';
import { type Exporter, withEvent } from './source.ts';

const SPACE = { type: 'space', unit: 'bytes' } as const;
const SAMPLE_TYPES = [
  { type: 'alloc_objects', unit: 'count' },
  { type: 'alloc_space', unit: 'bytes' },
  { type: 'inuse_objects', unit: 'count' },
  { type: 'inuse_space', unit: 'bytes' },
] as const;
const UNKNOWN = '(type unknown)';

export const exportPprof: Exporter = (request, write) =>
  withEvent(request, async (reader, event) => {
    const { io, progress, file } = request;
    const task = startTask(io, progress, 'replaying', event, 'events');
    try {
      const { sites, timeNs } = allocationsBySite(reader, event, (done) => task.update(done));
      const bytes = encodePprof({
        ...samplesOf(sites, siteStacksOf(reader)),
        sampleTypes: SAMPLE_TYPES,
        defaultSampleType: 'inuse_space',
        periodType: SPACE,
        period: 1,
        durationNs: timeNs,
        comments: [`heaptape: ${basename(file)} at event ${event}; virtual time, nothing sampled`],
        mapping: basename(file, '.tape'),
      });
      await write(gzipSync(bytes));
    } finally {
      task.end();
    }
  });

/** The samples of all sites, and the frames that their stacks name. */
function samplesOf(
  sites: readonly SiteAllocations[],
  known: SiteStacks,
): { frames: PprofFrame[]; samples: PprofSample[] } {
  const frames: PprofFrame[] = known.frames.map(({ func, file, line }) => ({
    function: func,
    file,
    line,
  }));
  const stacks = new Map(known.stacks.map((stack) => [stack.site, stack]));
  const leaves = new Map<string, number>();
  const leafOf = (name: string): number => {
    const found = leaves.get(name);
    if (found !== undefined) return found;
    leaves.set(name, frames.length);
    return frames.push({ function: name, file: '', line: 0 }) - 1;
  };
  const samples = sites.map((site) => {
    const stack = stacks.get(site.site);
    const type = stack === undefined ? site.name : stack.type;
    const { allocObjects, allocBytes, inuseObjects, inuseBytes } = site;
    return {
      stack: stack?.frames ?? [leafOf(site.name === '' ? UNKNOWN : site.name)],
      values: [allocObjects, allocBytes, inuseObjects, inuseBytes],
      labels: labelsOf(site.slotBytes, type),
    };
  });
  return { frames, samples };
}

/** Parts of tiny blocks have no slot of their own. */
function labelsOf(slotBytes: number, type: string): PprofLabel[] {
  return [
    ...(slotBytes === 0 ? [] : [{ key: 'bytes', value: slotBytes, unit: 'bytes' }]),
    ...(type === '' ? [] : [{ key: 'type', value: type }]),
  ];
}
