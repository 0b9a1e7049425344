/**
 * Operations that can block: channels, select, mutexes, sleeping; and the rules by which they may.
 *
 * A value is received once and was sent before; what one goroutine sends to one channel reaches another in
 * that order. A goroutine that waits when the program is deadlocked has nothing to wait for any more.
 */
import {
  type Chan,
  GO,
  type Go,
  GoPanic,
  type GoValue,
  type Mutex,
  pointerTo,
  type Received,
  type SelectCase,
} from '@heaptape/core';
import type { Operation } from '../swarm.ts';
import { type Frame, type GoState, isAt, type Wait } from './state.ts';
import { ChanThing, Thing } from './things.ts';

const POINTER = pointerTo('T');
const CLOSED = 'send on closed channel';
const MUTEXES = 3;
/** Numbers sent say who sent them, and how many came before. */
const SENDER = 1_000_000;
/** One in so many operations may block. */
const BLOCKING = 6;
/** One in so many of the main goroutine, which ends the program if nobody comes. */
const MAIN_BLOCKING = 64;

const isChan = (thing: Thing): thing is ChanThing => thing instanceof ChanThing;

const mayBlock = ({ id }: Frame, n: number): boolean =>
  n % (id === 1 ? MAIN_BLOCKING : BLOCKING) === BLOCKING - 1;

interface Lock {
  readonly mutex: Mutex;
  holder: Frame | null;
}

/** Up to two and a half minutes; the collector has a timer of two. */
const LONG_SLEEP_NS = 40_000_000;
/** The scheduler's clock is ahead of the events by less than this. */
const CLOCK_SLACK_NS = 1000;

type Sent = Thing | number;

export class Concurrency {
  readonly #state: GoState;
  readonly #locks: readonly Lock[];
  #numbers = 0;
  /** Last number that a goroutine has received from another by a channel. */
  readonly #last = new Map<string, number>();

  constructor(state: GoState) {
    this.#state = state;
    this.#locks = Array.from({ length: MUTEXES }, () => {
      return { mutex: state.rt.newMutex(), holder: null };
    });
  }

  /** The operation, or null when it is none of these. */
  run(frame: Frame, operation: Operation): Go | null {
    const [kind, a, b, c] = operation;
    switch (kind) {
      case 'makeChan':
        this.#make(frame, a, b, c);
        return nothing();
      case 'send':
        return this.#send(frame, a, b, c);
      case 'recv':
        return this.#recv(frame, a, b, c);
      case 'select':
        return this.#select(frame, a, b, c);
      case 'close':
        this.#close(frame, a);
        return nothing();
      case 'lock':
        return this.#lock(frame, a % MUTEXES, b, c);
      case 'sleep':
        return this.#sleep(frame, a, b);
      default:
        return null;
    }
  }

  #make(frame: Frame, a: number, b: number, c: number): void {
    const { rt } = this.#state;
    const cap = [0, 1, 3, 16][c % 4] ?? 0;
    const ofNumbers = b % 2 === 0;
    const chan: Chan = rt.makeChan(ofNumbers ? GO.int : POINTER, cap);
    const thing = new ChanThing(ofNumbers ? 'chan int' : 'chan *T', chan);
    this.#state.store(frame, a, thing, `make(${thing.kind}, ${cap})`);
  }

  /** A value to send, held by the goroutine meanwhile. */
  #valueFor(frame: Frame, { kind }: ChanThing, n: number): [Sent, GoValue, string] {
    if (kind === 'chan int') {
      this.#numbers += 1;
      const number = frame.id * SENDER + this.#numbers;
      return [number, number, String(number)];
    }
    const found = this.#state.pick(frame, n);
    const thing = found?.thing.obj ? found.thing : null;
    if (thing === null) return [0, null, 'nil'];
    frame.held[1 + (n % 3)]?.set(thing);
    return [thing, thing.obj, found?.text ?? 'nil'];
  }

  *#send(frame: Frame, a: number, b: number, c: number): Go {
    const of = this.#state.pickOf(frame, a, isChan);
    if (of === null) return;
    const { thing, text } = of;
    frame.held[0]?.set(thing);
    const [sent, value, name] = this.#valueFor(frame, thing, b);
    const { chan } = thing;
    this.#state.say(frame, `${text} <- ${name}`);
    if (thing.closed) {
      this.#state.expectPanic(() => chan.trySend(value), CLOSED);
    } else if (!mayBlock(frame, c)) {
      if (chan.trySend(value)) thing.sent.push(sent);
    } else yield* this.#sendAndWait(frame, thing, sent, value);
    this.#letGo(frame);
  }

  *#sendAndWait(frame: Frame, thing: ChanThing, sent: Sent, value: GoValue): Go {
    thing.sent.push(sent);
    frame.wait = { recv: [], send: [thing], lock: -1 };
    try {
      yield* thing.chan.send(value);
    } catch (error) {
      if (!(error instanceof GoPanic)) throw error;
      this.#state.expect(thing.closed && error.text === CLOSED, () => `it panics: ${error.text}`);
      remove(thing.sent, sent);
    }
    frame.wait = null;
  }

  *#recv(frame: Frame, a: number, b: number, c: number): Go {
    const of = this.#state.pickOf(frame, a, isChan);
    if (of === null) return;
    const { thing, text } = of;
    frame.held[0]?.set(thing);
    let received: Received | null;
    if (mayBlock(frame, c)) {
      this.#state.say(frame, `x := <-${text} // waits`);
      frame.wait = { recv: [thing], send: [], lock: -1 };
      received = yield* thing.chan.recv();
      frame.wait = null;
    } else {
      received = thing.chan.tryRecv();
      this.#state.say(frame, `x := <-${text}`);
    }
    if (received !== null) this.#received(frame, thing, received, b);
    this.#letGo(frame);
  }

  /** What was received was sent, and it was its turn. Keeps it in a variable. */
  #received(frame: Frame, thing: ChanThing, { value, ok }: Received, b: number): void {
    const state: GoState = this.#state;
    if (!ok) {
      state.expect(thing.closed, () => 'a channel that is open says that it is closed');
      return;
    }
    const found = find(thing.sent, value) ?? find(thing.offered, value);
    if (found === undefined) state.fail(`a channel gives what nobody has sent: ${textOf(value)}`);
    if (!remove(thing.sent, found)) remove(thing.offered, found);
    if (found instanceof Thing) {
      state.target(frame, b).set(found);
      return;
    }
    const route = `${thing.obj?.id} ${Math.floor(found / SENDER)} ${frame.id}`;
    const before = this.#last.get(route) ?? 0;
    state.expect(found === 0 || found > before, () => `${found} is received after ${before}`);
    this.#last.set(route, found);
  }

  *#select(frame: Frame, a: number, b: number, c: number): Go {
    const state = this.#state;
    const cases: { thing: ChanThing; sent: Sent | null; one: SelectCase }[] = [];
    const texts: string[] = [];
    for (let i = 0; i <= b % 3; i += 1) {
      const of = state.pickOf(frame, a + 5 * i, isChan);
      if (of === null || cases.some(({ thing }) => thing === of.thing)) continue;
      const { thing } = of;
      frame.held[3 + i]?.set(thing);
      if ((c >> i) % 2 === 0 || thing.closed) {
        cases.push({ thing, sent: null, one: { recv: thing.chan } });
        texts.push(`case <-${of.text}:`);
        continue;
      }
      const [sent, value, name] = this.#valueFor(frame, thing, 3 * b + i);
      thing.offered.push(sent);
      cases.push({ thing, sent, one: { send: thing.chan, value } });
      texts.push(`case ${of.text} <- ${name}:`);
    }
    const orElse = !mayBlock(frame, c);
    state.say(frame, `select { ${texts.join(' ')}${orElse ? ' default:' : ''} }`);
    if (cases.length === 0 && !orElse) return;
    yield* this.#choose(frame, cases, orElse, b);
    this.#letGo(frame);
  }

  *#choose(
    frame: Frame,
    cases: readonly { thing: ChanThing; sent: Sent | null; one: SelectCase }[],
    orElse: boolean,
    b: number,
  ): Go {
    const state = this.#state;
    const things = (sends: boolean): ChanThing[] =>
      cases.filter(({ sent }) => (sent !== null) === sends).map(({ thing }) => thing);
    frame.wait = orElse ? null : { recv: things(false), send: things(true), lock: -1 };
    let index = -1;
    try {
      const selected = yield* state.rt.select(
        cases.map(({ one }) => one),
        orElse,
      );
      index = selected.index;
      const chosen = cases[index];
      if (chosen !== undefined && chosen.sent === null) {
        this.#received(frame, chosen.thing, selected, b);
      }
    } catch (error) {
      if (!(error instanceof GoPanic)) throw error;
      const closed = cases.some(({ thing, sent }) => sent !== null && thing.closed);
      state.expect(closed && error.text === CLOSED, () => `it panics: ${error.text}`);
    }
    frame.wait = null;
    cases.forEach(({ thing, sent }, i) => {
      if (sent === null) return;
      const left = remove(thing.offered, sent);
      if (i === index && left) thing.sent.push(sent);
      state.expect(
        i === index || left || thing.closed,
        () => 'a case that was not chosen has sent',
      );
    });
  }

  #close(frame: Frame, a: number): void {
    const of = this.#state.pickOf(frame, a, isChan);
    if (of === null) return;
    const { thing, text } = of;
    this.#state.say(frame, `close(${text})`);
    if (thing.closed) {
      this.#state.expectPanic(() => thing.chan.close(), 'close of closed channel');
      return;
    }
    thing.chan.close();
    thing.closed = true;
  }

  /** A section that no other goroutine is in, with stops inside. */
  *#lock(frame: Frame, n: number, b: number, c: number): Go {
    const lock = this.#locks[n];
    if (lock === undefined) return;
    this.#state.say(frame, `mu${n}.Lock()`);
    frame.wait = { recv: [], send: [], lock: n };
    yield* lock.mutex.lock();
    frame.wait = null;
    this.#state.expect(lock.holder === null, () => `mu${n} is locked twice`);
    lock.holder = frame;
    for (let i = 0; i < b % 4; i += 1) {
      this.#state.rt.run(c);
      yield;
      this.#state.expect(lock.holder === frame, () => `mu${n} is locked twice`);
    }
    lock.holder = null;
    lock.mutex.unlock();
    this.#state.say(frame, `mu${n}.Unlock()`);
  }

  *#sleep(frame: Frame, a: number, b: number): Go {
    const ns = a % 32 === 31 ? b * LONG_SLEEP_NS : ([b, b * 1000, b * 100_000][a % 3] ?? b);
    this.#state.say(frame, `time.Sleep(${ns})`);
    const state = this.#state;
    const { now } = state;
    yield* state.rt.sleep(ns);
    state.expect(
      state.now + CLOCK_SLACK_NS >= now + ns,
      () => `a sleep of ${ns} ns takes ${state.now - now}`,
    );
  }

  #letGo(frame: Frame): void {
    for (const variable of frame.held) if (variable.thing !== null) variable.set(null);
  }

  /** Why a goroutine that waits should not; null when it rightly does. */
  wronglyWaits({ wait, id }: Frame): string | null {
    if (wait === null) return null;
    if (wait.lock >= 0 && this.#locks[wait.lock]?.holder === null) {
      return `goroutine ${id} waits for a mutex that is free`;
    }
    if (wait.recv.some(({ chan, closed }) => chan.len > 0 || closed)) {
      return `goroutine ${id} waits for a channel that has something`;
    }
    const { frames } = this.#state;
    const waitsTo = (side: keyof Pick<Wait, 'recv' | 'send'>, thing: ChanThing): boolean =>
      frames.some((other) => other.id !== id && other.wait?.[side].includes(thing) === true);
    for (const thing of wait.send) {
      if (thing.closed || thing.chan.len < thing.chan.cap) return `goroutine ${id} waits to send`;
      if (waitsTo('recv', thing)) return `goroutine ${id} and another wait for each other`;
    }
    return null;
  }
}

function* nothing(): Go {
  // Done already.
}

function textOf(value: GoValue): string {
  if (typeof value === 'object' && value !== null && 'id' in value) return `#${value.id}`;
  return String(value);
}

function find(sent: readonly Sent[], value: GoValue): Sent | undefined {
  if (value === null) return sent.find((one) => one === 0);
  return sent.find((one) =>
    one instanceof Thing ? one.obj !== null && isAt(value, one.obj) : one === value,
  );
}

function remove(list: Sent[], one: Sent): boolean {
  const at = list.indexOf(one);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
