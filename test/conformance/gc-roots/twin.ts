/**
 * Each kind of root in turn holds an object of a size class of its own: a global, a channel's buffer, a
 * closure, a variable of a parked goroutine. Then each lets go, and the next cycle frees the object.
 */
import { GO, type Go, type Goroutine, type Obj, pointerTo } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 5008, [625]);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  const global = rt.global('global');
  const closure = rt.global('closure');
  const channel = rt.makeChan(pointerTo('main.object'), 1);
  rt.global('channel').set(channel.header);
  const park = rt.makeChan(GO.bool);
  rt.global('park').set(park.header);
  const parked = rt.makeChan(GO.bool);
  rt.global('parked').set(parked.header);
  const fresh = (): Obj => rt.new(OBJECT);
  t.still();
  const start = t.live(5376);
  const held = (what: string): void => {
    rt.GC();
    out(what, t.live(5376) - start);
  };
  global.set(fresh());
  held('global');
  yield* channel.send(fresh());
  held('channel');
  closure.set(rt.func({ params: [], captures: [fresh()] }, () => {}).closure);
  held('closure');
  rt.go(function* (g: Goroutine): Go {
    g.slot().set(fresh());
    yield* parked.send(true);
    yield* park.recv();
    yield* parked.send(true);
  });
  yield* parked.recv();
  held('goroutine');
  global.set(null);
  held('without the global');
  yield* channel.recv();
  held('without the channel');
  closure.set(null);
  held('without the closure');
  yield* park.send(true);
  yield* parked.recv();
  yield;
  held('without the goroutine');
}
