import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const HUGE = 2 ** 53;

export function main(t: Kit): void {
  const { rt, out } = t;
  const attempt = (name: string, act: () => void): void => out(`${name}:`, t.attempt(act));
  t.still();
  attempt('slice of a negative length', () => rt.make(GO.byte, -1));
  attempt('slice of 2^53 bytes', () => rt.make(GO.byte, HUGE));
  attempt('slice of 2^53 words', () => rt.make(GO.int, HUGE));
  attempt('capacity of 2^53 bytes', () => rt.make(GO.byte, 0, HUGE));
  attempt('capacity below the length', () => rt.make(GO.byte, 2, 0));
  attempt('more than the address space', () => rt.make(GO.byte, 2 ** 48 + 1));
  attempt('channel of a negative size', () => rt.makeChan(GO.int, -1));
  attempt('channel of 2^53', () => rt.makeChan(GO.int, HUGE));
  attempt('map of a negative size', () => rt.makeMap(GO.int, GO.int, -1));
  attempt('slice bounds', () => rt.make(GO.byte, 3).slice(4));
  attempt('index', () => rt.make(GO.byte, 3).get(4));
}
