/** Objects found again through fields, after the layouts of the dead were forgotten. */
import { expect, it } from 'vitest';
import { createRuntime } from './runtime.ts';
import type { GoType } from './types.ts';

const NODE: GoType = { name: 'main.node', size: 16, pointers: [0, 1] };

it('a list that lives through a hundred thousand dead objects keeps its types', () => {
  const rt = createRuntime({ gogc: 20 });
  const head = rt.global('head');
  for (let i = 0; i < 1000; i += 1) {
    const node = rt.new(NODE);
    node.set(0, head.get());
    head.set(node);
  }
  for (let i = 0; i < 150_000; i += 1) rt.new(NODE);
  let length = 0;
  for (let node = head.get(); node !== null; node = node.get(0)) length += 1;
  expect(length).toBe(1000);
  expect(head.get()?.layout.name).toBe('main.node');
  expect(rt.world.objects.count).toBeLessThan(8000);
});
