import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ROOT_KINDS } from './dump.ts';
import { naiveDump, naiveReach } from './naive.testkit.ts';
import { reachableObjects } from './reach.ts';
import { objectAt, readDump, rootAddresses, targetsOf } from './read.testkit.ts';
import { describeRoot } from './roots.ts';

const fixture = (name: string): URL =>
  new URL(`../../../../test/fixtures/heapdump/${name}`, import.meta.url);
const file = new Uint8Array(gunzipSync(readFileSync(fixture('graph.heapdump.gz'))));
const truth = JSON.parse(readFileSync(fixture('graph.truth.json'), 'utf8'));
const { Places: places, Counts: counts } = truth;
const dump = readDump(file, 65536);
const naive = naiveDump(file);
const { objects, roots } = dump;

/** Number of objects whose allocation's stack has this call among its first three. */
function allocatedBy(line: RegExp): number {
  const sites = dump.sites.map(({ stack }) =>
    stack.slice(0, 3).some(({ func }) => line.test(func)),
  );
  return [...objects.site].filter((site) => sites[site]).length;
}

describe('a dump that Go 1.26.8 wrote', () => {
  test('objects and bytes are those of MemStats right before, inside and right after', () => {
    const bytes = objects.bytes.reduce((sum, value) => sum + value, 0);
    for (const stats of [truth.Before, dump.memstats, truth.After]) {
      expect([objects.count, bytes]).toEqual([stats.HeapObjects, stats.HeapAlloc]);
      expect(objects.count).toBe(stats.Mallocs - stats.Frees);
    }
    for (const name of ['Mallocs', 'Frees', 'TotalAlloc', 'NumGC'] as const) {
      expect(dump.memstats[name]).toBe(truth.Before[name]);
    }
    expect(dump.memstats.PauseNs.length).toBe(256);
    expect(dump.memstats.PauseNs.filter((ns) => ns > 0).length).toBe(truth.Before.NumGC);
    expect(dump.counts.phantoms).toBe(naive.objects.length - objects.count);
  });

  test('every record is that of the naive reader', () => {
    const byAddress = new Map(naive.objects.map((object) => [Number(object.address), object]));
    let fields = 0;
    for (let object = 0; object < objects.count; object++) {
      const other = byAddress.get(objects.address[object]);
      const from = objects.firstField[object];
      const end = objects.firstField[object + 1];
      expect(other?.bytes).toBe(objects.bytes[object]);
      expect([...objects.fieldOffset.subarray(from, end)]).toEqual(other?.offsets);
      other?.values.forEach((value, i) => {
        const target = objects.fieldTarget[from + i];
        const inside =
          target >= 0 &&
          Number(value) >= objects.address[target] &&
          Number(value) < objects.address[target] + objects.bytes[target];
        const none = objects.address.findLastIndex((address) => address <= Number(value));
        if (target < 0 && none >= 0) {
          expect(Number(value)).toBeGreaterThanOrEqual(objects.address[none] + objects.bytes[none]);
        } else expect(inside || none < 0).toBe(true);
        fields++;
      });
    }
    expect(fields).toBe(objects.fieldTarget.length);
    const rows = (tag: number): number => naive.integers.get(tag)?.length ?? 0;
    expect(dump.goroutines.length).toBe(rows(4));
    expect(dump.frames.map(({ func }) => func)).toEqual(naive.strings.get(5));
    expect(dump.finalizers.length).toBe(rows(7) + rows(11));
    expect(dump.itabs.length).toBe(rows(8));
    expect(dump.threads.length).toBe(rows(9));
    expect([dump.defers.length, dump.panics.length]).toEqual([rows(14), rows(15)]);
    expect(dump.sites.length).toBe(rows(16));
    expect([...objects.site].filter((site) => site >= 0).length).toBe(rows(17));
    expect(Object.values(dump.memstats).flat().map(BigInt)).toEqual(
      naive.integers.get(10)?.[0]?.map((value) => BigInt(Number(value))),
    );
  });

  test('the mark reaches what a naive walk reaches, and all but a cleanup and a dead channel', () => {
    const reached = reachableObjects(dump, false);
    const addresses = [...objects.address].filter((_, object) => reached[object] === 1);
    expect(new Set(addresses.map(BigInt))).toEqual(naiveReach(naive));
    const lost = [...objects.site].filter((_, object) => reached[object] === 0);
    const causes = lost.map((site) => dump.sites[site].stack.map(({ func }) => func).join(' '));
    expect(
      causes.filter((stack) => /AddCleanup|main\.buildList main\.build main/.test(stack)).length,
    ).toBe(6);
    expect(causes.filter((stack) => /makechan main\.main/.test(stack)).length).toBe(
      lost.length - 6,
    );
    expect(lost.length).toBeLessThanOrEqual(7);
    const more = reachableObjects(dump, true);
    expect(more.every((bit, object) => bit >= reached[object])).toBe(true);
  });

  test('the graph is the one that the program built', () => {
    let length = 1;
    for (let link = objectAt(dump, places.ListHead); ; length++) {
      expect(objects.bytes[link]).toBe(16);
      const [next, ...none] = targetsOf(dump, link);
      expect(none).toEqual([]);
      if (next === -1) break;
      link = next;
    }
    expect(length).toBe(counts.ListLinks);
    const seen = new Set<number>();
    const todo = [objectAt(dump, places.TreeRoot)];
    for (let branch = todo.pop(); branch !== undefined; branch = todo.pop()) {
      const [left, right, parent] = targetsOf(dump, branch);
      seen.add(branch);
      if (parent !== -1) expect(seen.has(parent)).toBe(true);
      todo.push(...[left, right].filter((child) => child !== -1));
    }
    expect(seen.size).toBe(counts.TreeBranches);
    expect(allocatedBy(/^main\.buildTree$/)).toBe(counts.TreeBranches);
    for (const entry of places.Entries) {
      const [payload] = targetsOf(dump, objectAt(dump, entry));
      expect(objects.bytes[payload]).toBe(256);
    }
    const large = objectAt(dump, places.Large);
    expect(objects.bytes[large]).toBe(Math.ceil(counts.LargeBytes / 8192) * 8192);
    expect(targetsOf(dump, large)).toEqual([]);
    const wide = targetsOf(dump, objectAt(dump, places.LargePointerful));
    expect(wide.length).toBe(objects.bytes[objectAt(dump, places.LargePointerful)] / 8);
    expect(wide.length).toBe(Math.ceil(counts.LargePointers / 1024) * 1024);
    expect(wide.filter((target) => target !== -1).length).toBe(1);
    let ring = objectAt(dump, places.RingMember);
    for (let i = 0; i < counts.RingLinks; i++) [ring] = targetsOf(dump, ring);
    expect(objects.address[ring]).toBe(places.RingMember);
  });

  test('roots say what they are', () => {
    const kindOf = (name: (typeof ROOT_KINDS)[number]): number => ROOT_KINDS.indexOf(name);
    const descriptions = Array.from({ length: roots.count }, (_, root) => describeRoot(dump, root));
    const of = (address: number): string[] =>
      descriptions.filter((_, root) => objects.address[roots.target[root]] === address);
    expect(of(places.ListHead)).toContain(`global at 0x${places.ListGlobal.toString(16)} (bss)`);
    const kept = of(places.LocalHeads).filter((text) => !text.includes('no stack map'));
    expect(kept.length).toBeGreaterThan(0);
    for (const text of kept)
      expect(text).toMatch(/^frame main\.park of goroutine \d+, word at \+0x/);
    expect(rootAddresses(dump, kindOf('panic')).length).toBe(1);
    expect(rootAddresses(dump, kindOf('defer')).length).toBe(3);
    const interior = objects.address.findLastIndex((address) => address <= places.Interior);
    expect([...roots.target]).toContain(interior);
    expect(objects.address[interior]).toBe(places.Interior - 17 * 8);

    const own = dump.finalizers.find(({ address }) => address === places.Resource);
    expect(own?.queued).toBe(false);
    expect(objects.address[own?.object ?? -1]).toBe(places.Resource);
    expect(own?.fnObject).toBeGreaterThanOrEqual(0);
    const queued = dump.finalizers.filter((row) => row.queued);
    expect(queued.length).toBeGreaterThan(0);
    const parked = dump.goroutines.filter(({ firstFrame, frameCount }) =>
      dump.frames
        .slice(firstFrame, firstFrame + frameCount)
        .some(({ func }) => func === 'main.park'),
    );
    expect(parked.length).toBe(counts.ParkedGoroutines);
    expect(parked.every(({ waitReason }) => waitReason === 'chan receive')).toBe(true);
    expect([...dump.types.values()].map(({ name }) => name)).toContain('main.');
  });
});
