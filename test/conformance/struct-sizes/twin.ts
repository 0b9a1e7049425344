import { arrayOf, GO, type GoType, pointerTo, structOf } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const TREE = structOf('tree', [pointerTo('tree'), pointerTo('tree'), GO.string, GO.any]);
const TYPES: readonly GoType[] = [
  structOf('loose', [GO.bool, GO.int64, GO.bool]),
  structOf('tight', [GO.int64, GO.bool, GO.bool]),
  structOf('tail', [pointerTo('int'), typeOf('struct {}', 0)]),
  structOf('list', [GO.int, pointerTo('list')]),
  TREE,
  { ...arrayOf(TREE, 3), name: 'trees' },
];

export function main(t: Kit): void {
  t.still();
  for (const type of TYPES) t.out(type.name, type.size, t.measure(() => void t.rt.new(type)).Bytes);
}
