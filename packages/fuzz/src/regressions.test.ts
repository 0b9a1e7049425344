/** Shrunk programs that once broke a promise. They keep every promise now. */
import { configWith, DEFAULT_COSTS } from '@heaptape/core';
import { describe, expect, it } from 'vitest';
import { judge, type Operation, type Program, play } from './index.ts';

const program = (
  config: Parameters<typeof configWith>[0],
  costs: Partial<typeof DEFAULT_COSTS>,
  operations: string,
): Program => ({
  config: configWith({ ...config, costs: { ...DEFAULT_COSTS, ...costs } }),
  features: [],
  fine: true,
  operations: operations.split('; ').map((text): Operation => {
    const [kind = '', ...numbers] = text.split(' ');
    const [a = 0, b = 0, c = 0] = numbers.map(Number);
    return [kind, a, b, c];
  }),
});

describe('programs that once broke a promise', () => {
  it('scan work of a finalizer set while marking was kept from the pacer', () => {
    const found = program(
      { gcPercent: 1, procs: 4, stackBytes: 8, globalsBytes: 8, seed: 0, nonHeapBytes: -1 },
      { markNsPerByte: 200 },
      'list 263 201 19; store 0 1906 0; begin 0 0 0; ring 0 0 0; run 114 0 0; copyRoot 0 0 0; store 0 0 0; all 0 0 0',
    );
    expect(judge(play(found))?.message).toBeUndefined();
  });
});
