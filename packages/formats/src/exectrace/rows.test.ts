import { describe, expect, test } from 'vitest';
import * as ev from './events.ts';
import { deaths, read } from './read.testkit.ts';
import type { TraceRecording } from './recording.ts';
import {
  FREED_BEFORE_FIRST_CYCLE,
  SITE_OBJECT,
  SITE_TINY_BLOCK,
  SITE_TINY_PART,
} from './recording.ts';
import { TraceWriter } from './writer.testkit.ts';

const POINTERS_48 = 5 << 2;
const NOSCAN_16 = (2 << 2) | 2;
const FAR = 1000;

/** A trace of which every event is further from the one before than clocks disagree. */
class Story {
  private readonly writer: TraceWriter = new TraceWriter('1.26', 100);
  private time = 1_000_000;
  private sequence = 0;

  constructor() {
    this.writer.begin(this.time - 1);
  }

  event(m: number, kind: number, ...args: number[]): this {
    this.time += FAR;
    this.writer.event(m, this.time, kind, ...args);
    return this;
  }

  cycle(): this {
    this.event(1, ev.EV_GC_BEGIN, ++this.sequence, 0);
    return this.event(1, ev.EV_GC_END, ++this.sequence);
  }

  read(): TraceRecording {
    this.writer.end(this.time + 1);
    return read(this.writer.bytes());
  }
}

describe('rows and deaths', () => {
  test('a free that comes after the slot was taken again goes to the old object', () => {
    const recording = new Story()
      .event(1, ev.EV_SPAN_ALLOC, 3, 1, POINTERS_48)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 3072, 0)
      .cycle()
      .event(2, ev.EV_HEAP_OBJECT_ALLOC, 3072, 0)
      .event(1, ev.EV_HEAP_OBJECT_FREE, 3072)
      .cycle()
      .event(1, ev.EV_HEAP_OBJECT_FREE, 3072)
      .read();
    expect(deaths(recording)).toEqual([1, 2]);
    expect(recording.counts).toMatchObject({ allocsOnLive: 1, orphans: 0, freesWithoutObject: 0 });
    expect(recording.cycles.map((c) => [c.freedObjects, c.freedBytes])).toEqual([
      [1, 48],
      [1, 48],
    ]);
  });

  test('an old object whose free never comes is counted, and so is a free of an empty slot', () => {
    const recording = new Story()
      .event(1, ev.EV_SPAN_ALLOC, 3, 1, POINTERS_48)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 3072, 0)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 3072, 0)
      .event(1, ev.EV_HEAP_OBJECT_FREE, 3078)
      .read();
    expect(recording.counts).toMatchObject({ allocsOnLive: 1, orphans: 1, freesWithoutObject: 1 });
    expect(deaths(recording)).toEqual([0, 0]);
  });

  test('in 16-byte slots the age of the occupant tells a tiny part from a slot taken again', () => {
    const recording = new Story()
      .event(1, ev.EV_SPAN_ALLOC, 0, 1, NOSCAN_16)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 0, 0)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 1, 0)
      .cycle()
      .event(2, ev.EV_HEAP_OBJECT_ALLOC, 0, 0)
      .event(2, ev.EV_HEAP_OBJECT_ALLOC, 1, 0)
      .event(1, ev.EV_HEAP_OBJECT_FREE, 0)
      .read();
    const { sites, allocs, counts } = recording;
    const kinds = [0, 1, 2, 3].map((row) => sites.kind[allocs.site.get(row)]);
    expect(kinds).toEqual([SITE_TINY_BLOCK, SITE_TINY_PART, SITE_TINY_BLOCK, SITE_TINY_PART]);
    expect(deaths(recording)).toEqual([1, 1, 0, 0]);
    expect(counts).toMatchObject({ tinyParts: 2, allocsOnLive: 1, orphans: 0 });
    expect(recording.cycles[0]).toMatchObject({ freedObjects: 1, freedBytes: 16 });
  });

  test('a span laid over another one ends it, and a freed span ends what is left in it', () => {
    const recording = new Story()
      .event(1, ev.EV_SPAN_ALLOC, 8, 2, 0)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 8 * 1024, 0)
      .cycle()
      .event(1, ev.EV_SPAN_ALLOC, 9, 1, POINTERS_48)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 9 * 1024 + 6, 0)
      .event(1, ev.EV_SPAN_FREE, 9)
      .event(1, ev.EV_SPAN_FREE, 77)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 9 * 1024 + 6, 0)
      .read();
    expect(deaths(recording)).toEqual([1, 1]);
    expect(recording.counts).toMatchObject({
      implicitSpanFrees: 1,
      diedWithSpan: 2,
      unmapped: 1,
      allocs: 2,
    });
    expect(recording.warnings.map((w) => w.count)).toEqual([1, 1, 2]);
  });

  test('manually managed memory holds no objects, and its pages are used again', () => {
    const recording = new Story()
      .event(1, ev.EV_SPAN_ALLOC, 8, 4, 1)
      .event(1, ev.EV_SPAN_FREE, 8)
      .event(1, ev.EV_SPAN_ALLOC, 9, 1, POINTERS_48)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 9 * 1024, 0)
      .event(1, ev.EV_SPAN_ALLOC, 20, 1, 1)
      .event(1, ev.EV_HEAP_OBJECT_ALLOC, 20 * 1024, 0)
      .event(1, ev.EV_SPAN_ALLOC, 20, 1, POINTERS_48)
      .read();
    expect(recording.counts).toMatchObject({ allocs: 1, misaligned: 1, implicitSpanFrees: 0 });
  });

  test('a free before the first cycle ends is garbage from the start', () => {
    const recording = new Story()
      .event(1, ev.EV_SPAN, 8, 1, POINTERS_48)
      .event(1, ev.EV_HEAP_OBJECT, 8 * 1024, 0)
      .event(1, ev.EV_HEAP_OBJECT_FREE, 8 * 1024)
      .read();
    expect(recording.startCount).toBe(1);
    expect(deaths(recording)).toEqual([FREED_BEFORE_FIRST_CYCLE]);
  });

  test('sites tell slot, usable and scanned bytes', () => {
    const writer = new TraceWriter('1.26', 100);
    writer.begin(1000);
    const type = { address: 64, size: 24, ptrBytes: 16, name: 'main.T' };
    const spans = [POINTERS_48, NOSCAN_16, 27 << 2, 0, 2];
    spans.forEach((kindClass, i) => {
      const page = i * 10;
      writer.event(1, 2000 + i * 10, ev.EV_SPAN_ALLOC, page, kindClass < 4 ? 5 : 1, kindClass);
      const id = page * 1024 + (i === 2 ? 1 : 0);
      writer.event(1, 2001 + i * 10, ev.EV_HEAP_OBJECT_ALLOC, id, writer.type(type));
    });
    writer.event(1, 2100, ev.EV_HEAP_OBJECT_ALLOC, 6, 0);
    writer.end(3000);
    const { sites, allocs, counts } = read(writer.bytes());
    const facts = Array.from({ length: 6 }, (_, row) => {
      const s = allocs.site.get(row);
      return [
        sites.slotBytes[s],
        sites.bytes[s],
        sites.scanBytes[s],
        sites.pages[s],
        sites.kind[s],
      ];
    });
    expect(facts).toEqual([
      [48, 48, 40, 0, SITE_OBJECT],
      [16, 16, 0, 0, SITE_OBJECT],
      [576, 568, 544, 0, SITE_OBJECT],
      [40960, 40960, 40936, 5, SITE_OBJECT],
      [40960, 40960, 0, 5, SITE_OBJECT],
      [48, 48, 48, 0, SITE_OBJECT],
    ]);
    expect(counts.misaligned).toBe(0);
  });
});
