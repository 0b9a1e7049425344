/**
 * The program on a tape, as Go: each command a line that a person can read.
 *
 * Objects are called by their ordinals (`o3`), fields by their words (`o3.f1`), roots by the names that the
 * tape has for them. Where several goroutines or Ps act, a comment says who does from there on.
 */
import { CELLS, decodeUtf8, EVENT_NAMES, EventBatch, type TapeReader } from '@heaptape/schema';

/** The cells of an event, and its text if it has one. */
type Write = (cells: readonly number[], text: string) => string;

const object = (ordinal: number): string => (ordinal === 0 ? 'nil' : `o${ordinal}`);

/** Commands that need no more than their cells. */
const PLAIN: Readonly<Record<string, Write>> = {
  PointerStored: ([from = 0, word = 0, to = 0]) => `${object(from)}.f${word} = ${object(to)}`,
  ObjectReleased: ([held = 0]) => `release(${object(held)})`,
  TinyBlockSet: ([p = 0, block = 0]) => `tiny[P${p}] = ${object(block)}`,
  MutatorRan: ([ns = 0]) => `work(${ns} * time.Nanosecond)`,
  GCRequested: () => 'runtime.GC()',
  GCCalled: () => 'runtime.GC() // begins',
  SweepStepped: () => '// runtime.GC() sweeps a span, others run',
  SweepWaited: () => '// runtime.GC() returns',
  MemStatsRead: () => 'runtime.ReadMemStats(&m)',
  FreeOSMemoryRequested: () => 'debug.FreeOSMemory()',
  GCPercentSet: ([percent = 0]) => `debug.SetGCPercent(${percent})`,
  MemoryLimitSet: ([bytes = 0]) => `debug.SetMemoryLimit(${bytes === 0 ? 'math.MaxInt64' : bytes})`,
  ProcsSet: ([procs = 0]) => `runtime.GOMAXPROCS(${procs})`,
  ProcSwitched: ([p = 0, g = 0]) => `// goroutine ${g} on P ${p}`,
  GoroutineStarted: ([g = 0]) => `go goroutine${g}()`,
  GoroutineExited: ([g = 0]) => `// goroutine ${g} returns`,
  StackUsed: ([g = 0, bytes = 0]) => `// goroutine ${g} uses ${bytes} bytes of stack`,
  FinalizerSet: ([to = 0, offset = 0, fn = 0, closure = 0]) =>
    `runtime.SetFinalizer(${at(to, offset)}, f${fn}${closing(closure)})`,
  FinalizerCleared: ([to = 0, offset = 0]) => `runtime.SetFinalizer(${at(to, offset)}, nil)`,
  FinalizerStarted: ([special = 0]) => `// finalizer ${special} runs`,
  FinalizerReturned: () => '// the finalizer returns',
  CleanupAdded: ([to = 0, offset = 0, fn = 0, arg = 0, closure = 0]) =>
    `runtime.AddCleanup(${at(to, offset)}, f${fn}${closing(closure)}, ${object(arg)})`,
  CleanupStopped: ([special = 0]) => `cleanup${special}.Stop()`,
  CleanupStarted: ([, special = 0]) => `// cleanup ${special} runs`,
  CleanupReturned: ([special = 0]) => `// cleanup ${special} returns`,
  WeakHandleMade: ([to = 0, offset = 0, handle = 0]) =>
    `w${handle} := weak.Make(${at(to, offset)}) // handle ${object(handle)}`,
  WeakLoaded: ([handle = 0, result = 0]) => `w${handle}.Value() // ${object(result)}`,
  PoolRegistered: ([local = 0, victim = 0]) => `// a pool in roots ${local} and ${victim}`,
  MarkDetailSet: ([detail = 0]) =>
    `// marking is recorded ${detail === 0 ? 'by span' : 'by object'}`,
  MarkStepsSet: ([single = 0]) =>
    `// marking stops ${single === 0 ? 'between rounds' : 'after each step'}`,
  MarkCostSet: ([ns = 0, procs = 0]) => `// marking costs ${ns} ns a unit, on ${procs} Ps`,
  PacerPrimed: ([marked = 0]) => `// a cycle before marked ${marked} bytes`,
};

const at = (to: number, offset: number): string =>
  offset === 0 ? object(to) : `&${object(to)}[${offset}]`;
const closing = (closure: number): string =>
  closure === 0 ? '' : ` /* closes over ${object(closure)} */`;

class Writer {
  readonly lines: string[] = [];
  readonly #types: string[] = [];
  readonly #roots = new Map<number, string>();
  #ordinal = 0;
  #tiny = 0;

  write(name: string, cells: readonly number[], text: string): void {
    if (name === 'SiteDefined') this.#types.push(typeOf(cells, text));
    else if (name === 'RootNamed') this.#roots.set(cells[0] ?? 0, rootName(text));
    else if (name === 'ObjectAllocated') {
      this.#ordinal += 1;
      this.lines.push(`${object(this.#ordinal)} := new(${this.#typeAt(cells[0] ?? 0)})`);
    } else if (name === 'TinyAllocated') {
      this.#tiny += 1;
      this.lines.push(`tiny${this.#tiny} := new(${this.#typeAt(cells[0] ?? 0)})`);
    } else if (name === 'RootStored') {
      const [root = 0, target = 0] = cells;
      this.lines.push(`${this.#roots.get(root) ?? `root${root}`} = ${object(target)}`);
    } else {
      const line = PLAIN[name]?.(cells, text);
      if (line !== undefined) this.lines.push(line);
    }
  }

  #typeAt(site: number): string {
    return this.#types[site - 1] ?? '?';
  }
}

/** A name from the program itself, or what the allocation looks like. */
function typeOf([bytes = 0, scanBytes = 0, held = 0]: readonly number[], name: string): string {
  if (!/^\d/.test(name)) return name;
  const plain = scanBytes === 0 ? `[${bytes}]byte` : `T${bytes}`;
  return held === 0 ? plain : `${plain} /* held */`;
}

/** `global cache` is the variable `cache`; others are described, so they are one word here. */
function rootName(text: string): string {
  return text.startsWith('global ') ? text.slice(7) : text.replace(/[^A-Za-z0-9]+/g, '_');
}

/** The lines of the program on a tape. */
export function goText(tape: TapeReader): string[] {
  const writer = new Writer();
  const batch = new EventBatch();
  for (let segment = 0; segment < tape.segments.length; segment += 1) {
    tape.readSegment(segment, batch);
    let first = 0;
    for (let i = 0; i < batch.count; i += 1) {
      const cells = [...batch.args.subarray(first, first + CELLS[batch.kinds[i]])];
      const name = EVENT_NAMES[batch.kinds[i]] ?? '';
      writer.write(name, cells, textOf(batch, name, cells));
      first += cells.length;
    }
  }
  return writer.lines;
}

/** The byte string of the two events that have a name in theirs; it is the last field. */
function textOf(batch: EventBatch, name: string, cells: readonly number[]): string {
  if (name !== 'SiteDefined' && name !== 'RootNamed') return '';
  const [from = 0, length = 0] = cells.slice(-2);
  return decodeUtf8(batch.blob.subarray(from, from + length));
}
