import { HeaptapeError } from '@heaptape/schema';
import { describe, expect, test } from 'vitest';
import { buffersIn, CANCEL_CELL, CANCEL_CELLS, type FromWorker } from './protocol.ts';
import { type Job, server } from './serve.ts';

/** A server whose messages are kept, with what they hand over. */
function kept(jobs: Readonly<Record<string, Job>>, cell: Int32Array | null = null) {
  const sent: FromWorker[] = [];
  const handed: Transferable[] = [];
  const port = {
    postMessage: (message: unknown, transfer: Transferable[]) => {
      sent.push(message as FromWorker);
      handed.push(...transfer);
    },
  };
  const take = server(port, jobs, () => cell);
  const last = async (id: number): Promise<FromWorker> => {
    for (;;) {
      const found = sent.find((one) => one.id === id && ('value' in one || 'failure' in one));
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return { take, sent, handed, last };
}

describe('a worker', () => {
  test('answers, and hands over what is in typed arrays', async () => {
    const column = Float64Array.of(1, 2);
    const { take, last, handed } = kept({ give: () => ({ column, rows: [{ column }] }) });
    take({ call: { id: 3, job: 'give', args: null } });
    expect(await last(3)).toEqual({ id: 3, value: { column, rows: [{ column }] } });
    expect(handed).toEqual([column.buffer]);
  });

  test('says what went wrong: refusals by their code, bugs as bugs', async () => {
    const { take, last } = kept({
      refuse: () => {
        throw new HeaptapeError('not-found', 'no such thing', 'look elsewhere');
      },
      break: () => {
        throw new TypeError('x is not a function');
      },
    });
    take({ call: { id: 1, job: 'refuse', args: null } });
    take({ call: { id: 2, job: 'break', args: null } });
    take({ call: { id: 3, job: 'toString', args: null } });
    expect(await last(1)).toEqual({
      id: 1,
      failure: { code: 'not-found', message: 'no such thing', hint: 'look elsewhere' },
    });
    expect(await last(2)).toMatchObject({ failure: { code: 'bug' } });
    expect(await last(3)).toMatchObject({ failure: { code: 'bad-usage' } });
  });

  test('a job that breathes hears that it is cancelled; the next one is not', async () => {
    const { take, last } = kept({
      wait: async (_, task) => {
        for (;;) await task.breathe();
      },
      give: () => 1,
    });
    take({ call: { id: 1, job: 'wait', args: null } });
    take({ call: { id: 2, job: 'give', args: null } });
    expect(await last(2)).toEqual({ id: 2, value: 1 });
    take({ cancel: 1 });
    expect(await last(1)).toMatchObject({ failure: { code: 'cancelled' } });
  });

  test('a job in the midst of folding hears it through shared memory', async () => {
    const cell = new Int32Array(CANCEL_CELLS);
    const { take, last } = kept(
      {
        fold: (_, task) => {
          task.onProgress(1, 2);
          Atomics.store(cell, CANCEL_CELL, 7);
          task.onProgress(2, 2);
          return 'done';
        },
      },
      cell,
    );
    take({ call: { id: 7, job: 'fold', args: null } });
    expect(await last(7)).toMatchObject({ failure: { code: 'cancelled' } });
    take({ call: { id: 8, job: 'fold', args: null } });
    expect(await last(8)).toEqual({ id: 8, value: 'done' });
  });
});

test('buffers are found at any depth, each once', () => {
  const shared = new Uint8Array(8);
  const value = { a: shared, b: [{ c: shared.subarray(2) }], d: null, e: 'text', f: [1, 2] };
  expect([...buffersIn(value)]).toEqual([shared.buffer]);
});
