/** The parts of the inspector: path, pointers, referrers, what is attached, and history. */
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../app/context.ts';
import { count, duration, size } from '../model/units.ts';
import type { Keepers, PathStep } from '../worker/heap/keepers.ts';
import type { History } from '../worker/jobs/history.ts';
import type { ObjectAnswer } from '../worker/queries/object.ts';
import type { SpecialView } from '../worker/specials.ts';
import { EventLink, ObjectLink } from './objectlink.tsx';

function Part({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="part" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

const byWord = (word: number): string => `word ${word}`;

function Step({ step }: { step: PathStep }): JSX.Element {
  return (
    <li>
      <ObjectLink id={step.id} type={step.type} />
      {step.word !== null && <span class="quiet"> {byWord(step.word)}</span>}
    </li>
  );
}

/** The shortest path from a root, its dominator, what it retains. */
export function KeptBy({ keepers, held }: { keepers: Keepers; held: boolean }): JSX.Element {
  const { root, path, cut, leftOut, dominator, retained, pointers } = keepers;
  const noGraph = held && pointers === 0;
  return (
    <Part title="Kept alive by">
      {noGraph && (
        <p class="quiet">
          This tape has no pointers: its recording says when objects were found dead, not who
          referred to them. Each object is a root of its own until then.
        </p>
      )}
      {root === null ? (
        <p>Nothing: no root leads to it.</p>
      ) : (
        !noGraph && (
          <ol class="path">
            <li class="root">{root}</li>
            {path.slice(0, cut).map((step) => (
              <Step key={step.id} step={step} />
            ))}
            {leftOut > 0 && <li class="quiet">… {count(leftOut)} more …</li>}
            {path.slice(cut).map((step) => (
              <Step key={step.id} step={step} />
            ))}
          </ol>
        )
      )}
      {root !== null && !noGraph && (
        <dl class="facts">
          <dt>dominator</dt>
          <dd>
            {dominator === null ? (
              'roots only'
            ) : (
              <ObjectLink id={dominator.id} type={dominator.type} />
            )}
          </dd>
          <dt>retains</dt>
          <dd title={`${retained} B`}>{size(retained)}</dd>
        </dl>
      )}
    </Part>
  );
}

/** Its pointer words. */
export function Fields({ object }: { object: ObjectAnswer }): JSX.Element | null {
  const { fields, fieldCount, pointerWords, spanClass, state, held } = object;
  if (state === 'unborn' || state === 'freed') return null;
  if ((spanClass & 1) === 1) {
    return (
      <Part title="Pointers">
        <p class="quiet">It has none: its type is free of pointers.</p>
      </Part>
    );
  }
  const nil = Math.max(0, pointerWords - fieldCount);
  return (
    <Part title={`Pointers (${count(fieldCount)})`}>
      {fieldCount === 0 && (
        <p class="quiet">
          {held ? 'The recording does not say what it points to.' : 'All its words are nil.'}
        </p>
      )}
      <ul class="words">
        {fields.map(({ word, id, type }) => (
          <li key={word}>
            <span class="quiet">{byWord(word)}</span>{' '}
            {id === 0 ? 'no object' : <ObjectLink id={id} type={type} />}
          </li>
        ))}
      </ul>
      {fieldCount > fields.length && (
        <p class="quiet">… {count(fieldCount - fields.length)} more words</p>
      )}
      {fieldCount > 0 && nil > 0 && (
        <p class="quiet">{count(nil)} other words of its pointer part are nil or no pointers.</p>
      )}
    </Part>
  );
}

/** What refers to it: roots, then objects. */
export function ReferredBy({ keepers }: { keepers: Keepers }): JSX.Element | null {
  const { rootReferrers, rootReferrerCount, referrers, referrerCount } = keepers;
  const all = rootReferrerCount + referrerCount;
  const more = all - rootReferrers.length - referrers.length;
  if (all === 0) return null;
  return (
    <Part title={`Referred to by (${count(all)})`}>
      <ul class="words">
        {rootReferrers.map((name, i) => (
          <li key={`${i} ${name}`}>{name}</li>
        ))}
        {referrers.map(({ id, type, word }) => (
          <li key={`${id} ${word}`}>
            <ObjectLink id={id} type={type} /> <span class="quiet">{byWord(word)}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p class="quiet">… {count(more)} more</p>}
    </Part>
  );
}

function specialText({ kind, state, fn, offset }: SpecialView): string {
  const at = offset === 0 ? '' : ` at byte ${offset}`;
  const what = kind === 'weak pointer' ? '' : `, function ${fn}`;
  return `${kind}${at}: ${state}${what}`;
}

/** Finalizers, cleanups and weak pointers on it; and whose it serves. */
export function Specials({ object }: { object: ObjectAnswer }): JSX.Element | null {
  const { specials, serves } = object;
  if (specials.length + serves.length === 0) return null;
  return (
    <Part title="Finalizers, cleanups, weak pointers">
      <ul class="words">
        {specials.map((one) => (
          <li key={one.special}>
            {specialText(one)}
            {one.closure > 0 && (
              <>
                , keeps closure <ObjectLink id={one.closure} type="" />
              </>
            )}
            {one.arg > 0 && (
              <>
                , {one.kind === 'cleanup' ? 'keeps argument' : 'handle'}{' '}
                <ObjectLink id={one.arg} type="" />
              </>
            )}
          </li>
        ))}
        {serves.map((one) => (
          <li key={one.special}>
            serves the {one.kind} of <ObjectLink id={one.object.id} type={one.object.type} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** What shares its slot. */
export function TinyBlock({
  object,
  history,
}: {
  object: ObjectAnswer;
  history: History | undefined;
}): JSX.Element | null {
  const { tinyOfP } = object;
  const { neighbours = [], neighbourCount = 0 } = history ?? {};
  if (tinyOfP < 0 && neighbourCount === 0) return null;
  return (
    <Part title="Tiny block">
      {tinyOfP >= 0 && <p>P {tinyOfP} goes on filling it, and keeps it alive meanwhile.</p>}
      {neighbourCount > 0 && <p>Its slot is shared with:</p>}
      <ul class="words">
        {neighbours.map(({ event, type }) => (
          <li key={event}>
            {type || 'a tiny object'} <span class="quiet">from event</span>{' '}
            <EventLink event={event} />
          </li>
        ))}
      </ul>
      {neighbourCount > neighbours.length && (
        <p class="quiet">… {count(neighbourCount - neighbours.length)} more</p>
      )}
    </Part>
  );
}

/** Every event that touched it; the ones up to the position are behind. */
export function HistoryList({ history }: { history: History }): JSX.Element {
  const app = useApp();
  const { event: here } = app.state.value.position;
  const { entries, leftOut } = history;
  return (
    <Part title={`History (${count(entries.length + leftOut)})`}>
      <table class="history">
        <thead>
          <tr>
            <th scope="col">event</th>
            <th scope="col">time</th>
            <th scope="col">what</th>
            <th scope="col">by</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ event, timeNs, what, text }) => (
            <tr
              key={event}
              class={event === here ? 'here' : event > here ? 'ahead' : ''}
              aria-current={event === here ? 'true' : undefined}
            >
              <td>
                <EventLink event={event} />
              </td>
              <td>{duration(timeNs)}</td>
              <td>{what}</td>
              <td class="by">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {leftOut > 0 && <p class="quiet">… {count(leftOut)} more events</p>}
    </Part>
  );
}
