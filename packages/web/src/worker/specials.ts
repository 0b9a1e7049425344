/** Specials for people: finalizers, cleanups and weak handles, and how far each is. */
import { SPECIAL_KIND, SPECIAL_STATE, type World } from '@heaptape/core';
import type { NamedObject } from './heap/keepers.ts';

export type SpecialKind = 'finalizer' | 'cleanup' | 'weak pointer';
export type SpecialState = 'attached' | 'queued' | 'running' | 'gone';

export interface SpecialView {
  readonly special: number;
  readonly kind: SpecialKind;
  readonly state: SpecialState;
  /** The object that it is about, and the byte in it. */
  readonly object: NamedObject;
  readonly offset: number;
  /** Number of the function; 0 is none. */
  readonly fn: number;
  /** What it keeps alive besides: the function's closure, a cleanup's argument, a weak handle. */
  readonly closure: number;
  readonly arg: number;
}

const KINDS: ReadonlyMap<number, SpecialKind> = new Map([
  [SPECIAL_KIND.finalizer, 'finalizer'],
  [SPECIAL_KIND.cleanup, 'cleanup'],
  [SPECIAL_KIND.weakHandle, 'weak pointer'],
]);
const STATES: ReadonlyMap<number, SpecialState> = new Map([
  [SPECIAL_STATE.attached, 'attached'],
  [SPECIAL_STATE.queued, 'queued'],
  [SPECIAL_STATE.running, 'running'],
  [SPECIAL_STATE.gone, 'gone'],
]);

export const namedObject = (w: World, id: number): NamedObject => ({
  id,
  type: w.siteNames[w.objects.siteOf(id)] ?? '',
});

export function specialView(w: World, special: number): SpecialView {
  const { kind, state, object, offset, fn, closure, arg } = w.specials;
  return {
    special,
    kind: KINDS.get(kind[special]) ?? 'finalizer',
    state: STATES.get(state[special]) ?? 'gone',
    object: namedObject(w, object[special]),
    offset: offset[special],
    fn: fn[special],
    closure: closure[special],
    arg: arg[special],
  };
}
