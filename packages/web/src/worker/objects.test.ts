/** What the page says of objects, against the answers that the command line gives, on random programs. */
import { Decider, readMemStats } from '@heaptape/core';
import { configs, ModelProgram, programs } from '@heaptape/core/testkit';
import { historyOf, inspectObject, rootNamesAt, Travel } from '@heaptape/replay';
import { EVENTS } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pacedAt } from '../model/pacer.ts';
import { rootsBy } from '../model/roots.ts';
import { HeapFacts } from './heap/heapfacts.ts';
import { keepersOf } from './heap/keepers.ts';
import { keepersJob, waitsJob } from './jobs/heap.ts';
import { historyJob } from './jobs/history.ts';
import { notesJob } from './jobs/notes.ts';
import { visitJob } from './jobs/visit.ts';
import { pacer } from './queries/pacer.ts';
import type { QueryAnswer, QueryName, Want } from './queries.ts';
import type { Task } from './serve.ts';
import { Session, SessionHolder } from './session.ts';
import { programSource } from './source.testkit.ts';

const TASK: Task = {
  onProgress: () => undefined,
  part: () => undefined,
  breathe: () => Promise.resolve(),
};

const sources = fc
  .tuple(configs(), programs(80))
  .map(([config, operations]) => programSource(config, operations));

function holding(source: ReturnType<typeof programSource>): SessionHolder {
  const holder = new SessionHolder();
  holder.set(new Session(source));
  return holder;
}

/** The answer to a query at an event. */
function ask<N extends QueryName>(
  holder: SessionHolder,
  event: number,
  want: Want<N>,
): QueryAnswer<N> {
  const to = [{ go: 'at', position: { event, inside: 0 } }] as const;
  const [answer] = visitJob(holder)({ to, wants: [want] }, TASK).answers;
  if (answer === undefined || !('value' in answer)) throw new Error(JSON.stringify(answer));
  return answer.value as QueryAnswer<N>;
}

describe('an object', () => {
  test('is what the command line says it is, with the same keepers', async () => {
    await fc.assert(
      fc.asyncProperty(sources, fc.nat(1000), async (source, part) => {
        const holder = holding(source);
        const { reader } = holder.get();
        const event = Math.floor((reader.events * part) / 1000);
        const travel = new Travel(reader);
        travel.at({ event, inside: 0 });
        const names = { roots: rootNamesAt(reader, event), addresses: new Float64Array(0) };
        const facts = new HeapFacts(travel.world, event, names.roots);
        const next = travel.world.scalars[2];
        for (let id = 1; id < Math.min(next, 25); id += 1) {
          const view = inspectObject(travel.world, id, names);
          const answer = ask(holder, event, { name: 'object', args: { object: id } });
          const colour =
            answer?.state === 'dead' || answer?.state === 'freed' ? 'free' : answer?.state;
          expect([answer?.type, answer?.addr, colour]).toEqual([view.type, view.addr, view.color]);
          expect(answer?.born).toBe(travel.facts.bornOf(id));
          const keepers = keepersOf(facts, id);
          const { cut, leftOut } = keepers;
          const shown = view.retainers.filter((_, i) => i < cut || i >= cut + leftOut);
          expect(keepers.path.map((step) => [step.id, step.word])).toEqual(
            shown.map((step) => [step.id, step.word]),
          );
          expect(keepers.path.length + leftOut).toBe(view.retainers.length);
          expect(keepers.root).toBe(view.root);
          expect(keepers.dominator?.id).toBe(view.dominator?.id);
          expect(keepers.retained).toBe(view.retainedBytes);
          const referrers = [
            ...keepers.rootReferrers,
            ...keepers.referrers.map(({ id: from, type, word }) =>
              [`#${from}`, ...(type === '' ? [] : [type]), `word ${word}`].join(' '),
            ),
          ];
          expect(referrers.slice(0, 100)).toEqual(view.referrers);
          const position = { event, inside: 0 };
          expect(await keepersJob(holder)({ position, object: id }, TASK)).toEqual(keepers);
          for (const field of answer?.fields ?? []) {
            const value = travel.evaluate(`#${id}[${field.word}]`).value;
            if (value !== null) expect(field.id).toBe(value);
          }
        }
      }),
      { seed: 42, numRuns: 8, endOnFailure: true },
    );
  });

  test('has the history that the command line tells', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async (source) => {
        const holder = holding(source);
        const { reader } = holder.get();
        for (const object of [1, 2, 5]) {
          const found = await historyJob(holder)({ object, spanClass: 5 }, TASK);
          const { entries, born, died } = historyOf(reader, object);
          expect([found.entries, found.born, found.died]).toEqual([entries, born, died]);
        }
      }),
      { seed: 42, numRuns: 15 },
    );
  });

  test.each([
    ['#1', 1],
    ['#1.addr', 1],
    ['', 0],
  ])('%s is found', (text, object) => {
    const holder = holding(someSource());
    const { events } = holder.get().reader;
    expect(ask(holder, events, { name: 'find', args: { text } })).toEqual({ text, object });
  });

  test.each(['#999999', '0x10', 'nonsense (', 'heapLive'])('%s is refused', (text) => {
    const holder = holding(someSource());
    expect(() => ask(holder, 20, { name: 'find', args: { text } })).toThrow(/code/);
  });
});

function someSource(): ReturnType<typeof programSource> {
  const [source] = fc.sample(sources, { seed: 7, numRuns: 1 });
  return source;
}

describe('queues and goroutines', () => {
  test('are those of the state; what waits is kept by what the graph says', async () => {
    await fc.assert(
      fc.asyncProperty(sources, fc.nat(1000), async (source, part) => {
        const holder = holding(source);
        const event = Math.floor((holder.get().reader.events * part) / 1000);
        const answer = ask(holder, event, { name: 'queues', args: null });
        const { world } = holder.get().travel;
        const { specials } = world;
        const due = [...specials.finq, ...specials.finRunning].length + (specials.finCurrent && 1);
        expect(answer.finalizerCount).toBe(due);
        expect(answer.finalizers.map(({ state }) => state)).toEqual(
          answer.finalizers.map((_, i) =>
            i === 0 && specials.finCurrent > 0 ? 'running' : 'queued',
          ),
        );
        const objects = [...new Set(answer.attached.map((one) => one.object.id))];
        const waits = ask(holder, event, { name: 'waits', args: { objects } });
        const position = { event, inside: 0 };
        expect(await waitsJob(holder)({ position, objects }, TASK)).toEqual(waits);
        const names = {
          roots: rootNamesAt(holder.get().reader, event),
          addresses: new Float64Array(0),
        };
        for (const { object, root } of waits === 'large' ? [] : waits) {
          expect(root).toBe(inspectObject(world, object, names).root);
        }
        const { roots, known } = ask(holder, event, { name: 'goroutines', args: null });
        expect(known).toBe(world.goroutines.rows > 0);
        const { roots: namings } = await notesJob(holder)(null, TASK);
        const named = [...rootsBy(roots, namings, event).values()].flatMap(({ shown }) => shown);
        for (const { root, name } of named) {
          expect(name).toBe(names.roots.get(root) ?? `root ${root}`);
        }
        for (const { root, object } of roots) {
          const target = holder.get().travel.facts.owners.ownerOf(world, world.roots[root] - 1);
          expect(object.id).toBe(target);
        }
      }),
      { seed: 43, numRuns: 15, endOnFailure: true },
    );
  });

  test('notes tell of the life of each special as the states do', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async (source) => {
        const holder = holding(source);
        const { specials } = await notesJob(holder)(null, TASK);
        const travel = new Travel(holder.get().reader);
        const { events } = travel.reader;
        travel.at({ event: events, inside: 0 });
        const { count, kind, object, state } = travel.world.specials;
        expect(specials.kind.length).toBe(count + 1);
        for (let special = 1; special <= count; special += 1) {
          expect([specials.kind[special], specials.object[special]]).toEqual([
            kind[special],
            object[special],
          ]);
          expect(specials.ended[special] > 0).toBe(state[special] === 0);
          expect(specials.started[special] > 0 && specials.ended[special] === 0).toBe(
            state[special] === 3,
          );
        }
      }),
      { seed: 44, numRuns: 40 },
    );
  });
});

describe('the pacer', () => {
  test('without a limit every commit is what the formulas say', async () => {
    await fc.assert(
      fc.asyncProperty(configs(), programs(60), async (config, operations) => {
        const holder = holding(programSource({ ...config, memoryLimit: 0 }, operations));
        const { commits, cycles } = await notesJob(holder)(null, TASK);
        const primed = [...commits.seq].filter((seq) => {
          const { world } = holder.get().travel;
          const answer = ask(holder, seq, { name: 'pacer', args: null });
          if (world.control.pacer.memoryLimit > 0) return false;
          const { heapGoal, trigger } = pacedAt(answer, answer.gcPercent);
          expect({ heapGoal, trigger }).toEqual(answer.committed);
          return true;
        });
        expect(primed.length).toBeGreaterThan(0);
        const ended = [...cycles.ended].filter((seq) => seq > 0);
        const { numGC } = { numGC: readMemStats(holder.get().travel.world).NumGC };
        expect(ended.length).toBeGreaterThanOrEqual(numGC);
      }),
      { seed: 45, numRuns: 30 },
    );
  });

  test('another GOGC does what debug.SetGCPercent does here', () => {
    fc.assert(
      fc.property(
        configs(),
        programs(60),
        fc.integer({ min: -1, max: 1000 }),
        (config, list, n) => {
          const decider = new Decider(config, () => undefined);
          const program = new ModelProgram(decider);
          for (const operation of list) program.run(operation);
          const { world } = decider;
          const position = { event: world.scalars[0], inside: 0 };
          const said = pacedAt(pacer({ travel: { world, position } } as never, null), n);
          decider.setGCPercent(n);
          const { heapGoal, trigger } = world.control.pacer;
          expect([said.heapGoal, said.trigger]).toEqual([heapGoal, trigger]);
        },
      ),
      { seed: 46, numRuns: 60 },
    );
  });

  test('the tags of its notes are those of the tape', () => {
    expect(EVENTS.Assisted.fields.map(({ name }) => name)).toEqual([
      'g',
      'debt',
      'ratio',
      'stolen',
      'marked',
      'credit',
      'ns',
    ]);
  });
});
