import type { Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const kept = rt.global('kept');
  const o: Obj = rt.new(OBJECT);
  kept.set(o);
  const none = (): void => {};
  const attempt = (name: string, act: () => void): void => out(`${name}:`, t.attempt(act));
  attempt('nil', () => rt.AddCleanup(rt.nil(OBJECT), none, 1));
  attempt('equal', () => rt.AddCleanup(o, none, o));
  attempt('equal unsafe', () => rt.AddCleanup(o, none, rt.pointerTo(o, 0, OBJECT)));
  const field = rt.pointerTo(o, 8, typeOf('*main.object', 8, [0]));
  attempt('within', () => rt.AddCleanup(o, none, field));
  attempt('closure', () => rt.AddCleanup(o, rt.func({ params: ['int'], captures: [o] }, none), 1));
  attempt('stack', () => rt.AddCleanup(rt.addressOf(g.slot(), OBJECT), none, 1));
  attempt('good', () => rt.AddCleanup(o, none, 1));
}
