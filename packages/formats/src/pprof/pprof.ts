/**
 * Profiles as `go tool pprof` reads them: the message of profile.proto, not yet compressed.
 *
 * 1. A sample is a stack, one value for each sample type, and labels. Stacks are lists of frames by
 *    index, leaf first; a frame becomes a function and a location of the same number, from 1.
 * 2. Text is interned: number 0 is the empty one. Numbers are given in the order of first use.
 * 3. There is one mapping, which says that names are known, so that no tool looks for a binary.
 *
 * Field numbers are those of github.com/google/pprof, proto/profile.proto. A file on disk is the
 * gzip of these bytes; compression is the caller's, for it needs a library of the host.
 */
import { assert } from '@heaptape/schema';
import { MessageWriter } from '../message.ts';

export interface PprofFrame {
  readonly function: string;
  /** Empty where unknown, and then `line` is 0. */
  readonly file: string;
  readonly line: number;
}

export interface PprofValueType {
  readonly type: string;
  readonly unit: string;
}

/** A label's value is text, or a number in a unit. */
export interface PprofLabel {
  readonly key: string;
  readonly value: string | number;
  readonly unit?: string;
}

export interface PprofSample {
  /** Indices of frames, leaf first. */
  readonly stack: readonly number[];
  /** One for each sample type, whole numbers. */
  readonly values: readonly number[];
  readonly labels: readonly PprofLabel[];
}

export interface PprofProfile {
  readonly sampleTypes: readonly PprofValueType[];
  readonly defaultSampleType: string;
  readonly frames: readonly PprofFrame[];
  readonly samples: readonly PprofSample[];
  /** What is counted between two samples, and how many of it; 1 where nothing is left out. */
  readonly periodType: PprofValueType;
  readonly period: number;
  readonly durationNs: number;
  readonly comments: readonly string[];
  /** What the profile is of; shown as the name of the binary. */
  readonly mapping: string;
}

const PROFILE = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  stringTable: 6,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
} as const;
const VALUE_TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { locationId: 1, value: 2, label: 3 } as const;
const LABEL = { key: 1, str: 2, num: 3, numUnit: 4 } as const;
const MAPPING = {
  id: 1,
  filename: 5,
  hasFunctions: 7,
  hasFilenames: 8,
  hasLineNumbers: 9,
  hasInlineFrames: 10,
} as const;
const LOCATION = { id: 1, mappingId: 2, line: 4 } as const;
const LINE = { functionId: 1, line: 2 } as const;
const FUNCTION = { id: 1, name: 2, systemName: 3, filename: 4 } as const;
const THE_MAPPING = 1;

/** The bytes of a profile. */
export function encodePprof(profile: PprofProfile): Uint8Array {
  return new Encoder().encode(profile);
}

class Encoder {
  readonly #out = new MessageWriter();
  readonly #strings = new Map<string, number>([['', 0]]);

  encode(profile: PprofProfile): Uint8Array {
    const { sampleTypes, samples, frames, comments } = profile;
    const out = this.#out;
    for (const type of sampleTypes) this.#valueType(PROFILE.sampleType, type);
    for (const sample of samples) {
      assert(sample.values.length === sampleTypes.length, 'a sample has a value for each type');
      assert(
        sample.stack.every((frame) => frame >= 0 && frame < frames.length),
        'a stack names frames that there are',
      );
      this.#sample(sample);
    }
    this.#mapping(profile.mapping);
    for (const [i, frame] of frames.entries()) this.#frame(frame, i + 1);
    out.uint(PROFILE.durationNanos, profile.durationNs);
    this.#valueType(PROFILE.periodType, profile.periodType);
    out.uint(PROFILE.period, profile.period);
    out.ints(
      PROFILE.comment,
      comments.map((comment) => this.#string(comment)),
    );
    out.uint(PROFILE.defaultSampleType, this.#string(profile.defaultSampleType));
    for (const text of this.#strings.keys()) out.explicitText(PROFILE.stringTable, text);
    return out.take();
  }

  #string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const index = this.#strings.size;
    this.#strings.set(text, index);
    return index;
  }

  #valueType(field: number, { type, unit }: PprofValueType): void {
    this.#out.begin(field);
    this.#out.uint(VALUE_TYPE.type, this.#string(type));
    this.#out.uint(VALUE_TYPE.unit, this.#string(unit));
    this.#out.end();
  }

  #sample({ stack, values, labels }: PprofSample): void {
    const out = this.#out;
    out.begin(PROFILE.sample);
    out.ints(
      SAMPLE.locationId,
      stack.map((frame) => frame + 1),
    );
    out.ints(SAMPLE.value, values);
    for (const { key, value, unit } of labels) {
      out.begin(SAMPLE.label);
      out.uint(LABEL.key, this.#string(key));
      if (typeof value === 'string') out.uint(LABEL.str, this.#string(value));
      else out.int(LABEL.num, value);
      out.uint(LABEL.numUnit, this.#string(unit ?? ''));
      out.end();
    }
    out.end();
  }

  #mapping(name: string): void {
    const out = this.#out;
    out.begin(PROFILE.mapping);
    out.uint(MAPPING.id, THE_MAPPING);
    out.uint(MAPPING.filename, this.#string(name));
    for (const known of ['hasFunctions', 'hasFilenames', 'hasLineNumbers'] as const) {
      out.uint(MAPPING[known], 1);
    }
    out.uint(MAPPING.hasInlineFrames, 1);
    out.end();
  }

  #frame(frame: PprofFrame, id: number): void {
    const out = this.#out;
    const name = this.#string(frame.function);
    out.begin(PROFILE.location);
    out.uint(LOCATION.id, id);
    out.uint(LOCATION.mappingId, THE_MAPPING);
    out.begin(LOCATION.line);
    out.uint(LINE.functionId, id);
    out.uint(LINE.line, frame.line);
    out.end();
    out.end();
    out.begin(PROFILE.function);
    out.uint(FUNCTION.id, id);
    out.uint(FUNCTION.name, name);
    out.uint(FUNCTION.systemName, name);
    out.uint(FUNCTION.filename, this.#string(frame.file));
    out.end();
  }
}
