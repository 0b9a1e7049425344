/** Programs that texts about Go's collector describe, told through the library. */
import { describe, expect, it } from 'vitest';
import { GO, structOf } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Go } from './task.ts';

const FILE = structOf('os.file', [GO.int, GO.string]);
const WRITER = structOf('bufio.Writer', [GO.string, GO.int]);

/** What is outside the process: open file descriptors and what files contain. */
class Machine {
  readonly open = new Set<number>();
  readonly content = new Map<number, string>();
  #next = 3;

  openFile(): number {
    const descriptor = this.#next;
    this.#next += 1;
    this.open.add(descriptor);
    this.content.set(descriptor, '');
    return descriptor;
  }

  write(descriptor: number, text: string): void {
    if (!this.open.has(descriptor)) throw new Error(`descriptor ${descriptor} is closed`);
    this.content.set(descriptor, (this.content.get(descriptor) ?? '') + text);
  }
}

/** os.Open: a file whose finalizer closes its descriptor. */
function openFile(rt: Runtime, machine: Machine): { file: Obj; descriptor: number } {
  const descriptor = machine.openFile();
  const file = rt.new(FILE);
  rt.SetFinalizer(file, () => machine.open.delete(descriptor));
  return { file, descriptor };
}

describe('a finalizer that writes a log line', () => {
  const program = (collect: boolean): string[] => {
    const rt = createRuntime({ procs: 2 });
    const log: string[] = [];
    rt.start(function* (): Go {
      const object = rt.new(FILE);
      rt.SetFinalizer(object, (x: Obj) => log.push(`finalized ${x.layout.name}`));
      if (collect) rt.GC();
      yield* rt.sleep(1_000_000);
    });
    return log;
  };

  it('does so before the object is freed', () => {
    expect(program(true)).toEqual(['finalized os.file']);
  });

  it('does not at the end of the program', () => {
    expect(program(false)).toEqual([]);
  });

  it('does not when an error ends the program', () => {
    const rt = createRuntime({ procs: 2 });
    const log: string[] = [];
    const run = (): void =>
      rt.start(function* (): Go {
        rt.SetFinalizer(rt.new(FILE), () => log.push('finalized'));
        yield;
        rt.panic('an error');
      });
    expect(run).toThrow('panic: an error');
    expect(log).toEqual([]);
  });
});

describe('a file closed by its finalizer', () => {
  it('is closed once nobody has it, though nobody called Close', () => {
    const rt = createRuntime({ procs: 2, gogc: 100 });
    const machine = new Machine();
    let most = 0;
    rt.start(function* (g): Go {
      const slot = g.slot();
      for (let i = 0; i < 200; i += 1) {
        const { file, descriptor } = openFile(rt, machine);
        slot.set(file);
        machine.write(descriptor, `line ${i}\n`);
        rt.make(GO.byte, 200_000);
        yield;
        most = Math.max(most, machine.open.size);
      }
      slot.set(null);
      rt.GC();
      yield* rt.sleep(1_000_000);
    });
    expect(most).toBeLessThan(120);
    expect(machine.open.size).toBe(0);
  });
});

describe('a buffered writer flushed by its finalizer', () => {
  /** Writes through a buffer that only a finalizer flushes. */
  const written = (collect: boolean): string => {
    const rt = createRuntime({ procs: 2 });
    const machine = new Machine();
    let name = 0;
    rt.start(function* (g): Go {
      const slot = g.slot();
      const { file, descriptor } = openFile(rt, machine);
      name = descriptor;
      const global = rt.global('file');
      global.set(file);
      const writer = rt.new(WRITER);
      slot.set(writer);
      const buffer = ['all of ', 'the data'];
      rt.SetFinalizer(writer, () => machine.write(descriptor, buffer.join('')));
      slot.set(null);
      if (collect) rt.GC();
      yield* rt.sleep(1_000_000);
    });
    return machine.content.get(name) ?? '';
  };

  it('loses its data at the end of the program', () => {
    expect(written(false)).toBe('');
  });

  it('seems to work as long as a collection comes in time', () => {
    expect(written(true)).toBe('all of the data');
  });
});
