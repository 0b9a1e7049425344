/**
 * A tree is changed by one goroutine while another one collects: the children of every node down one
 * path change places twice, and the root is built anew, so that only the write barrier keeps the collector
 * from losing what is reachable. In the end the tree is counted.
 */
import { GO, type Go, type Obj, pointerTo, structOf } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const NODE = structOf('main.node', [GO.int, pointerTo('main.node'), pointerTo('main.node')]);
const [LEFT, RIGHT] = [1, 2];

export function* main(t: Kit): Go {
  const { rt, out } = t;
  const root = rt.global('root');
  const values = new Map<number, number>();
  const build = (low: number, high: number): Obj =>
    t.call((hold) => {
      const middle = Math.floor((low + high) / 2);
      const node = hold(rt.new(NODE));
      values.set(node.id, middle);
      if (low < middle) node.set(LEFT, build(low, middle));
      if (middle + 1 < high) node.set(RIGHT, build(middle + 1, high));
      return node;
    });
  const swapDown = (): void => {
    for (let n = root.get(); n !== null; n = n.get(LEFT)) {
      const [left, right] = [n.get(LEFT), n.get(RIGHT)];
      t.call((hold) => {
        if (left !== null) hold(left);
        n?.set(LEFT, right);
        n?.set(RIGHT, left);
      });
    }
  };
  root.set(build(0, 20_000));
  let done = false;
  rt.go(function* (): Go {
    for (let i = 0; i < 20; i += 1) {
      rt.GC();
      yield;
    }
    done = true;
  });
  while (!done) {
    swapDown();
    swapDown();
    const [old, fresh] = [root.get(), rt.new(NODE)];
    t.call((hold) => {
      hold(fresh);
      values.set(fresh.id, values.get(old?.id ?? 0) ?? 0);
      fresh.set(LEFT, old?.get(LEFT) ?? null);
      fresh.set(RIGHT, old?.get(RIGHT) ?? null);
      root.set(fresh);
    });
    yield;
  }
  let [count, sum] = [0, 0];
  const walk = (node: Obj | null): void => {
    if (node === null) return;
    walk(node.get(LEFT));
    count += 1;
    sum += values.get(node.id) ?? 0;
    walk(node.get(RIGHT));
  };
  walk(root.get());
  out('nodes', count, 'sum', sum);
}
