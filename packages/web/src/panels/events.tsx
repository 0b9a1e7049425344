/**
 * The event list: every event of the tape, or those after which a condition holds. The one that led to the
 * position is marked and kept in sight.
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAnswer, useApp } from '../app/context.ts';
import {
  listHeight,
  type Rows,
  rowAtScroll,
  scrollOfRow,
  seenRows,
  topToSee,
} from '../app/virtual.ts';
import { firstNotBelow } from '../model/axis.ts';
import { count } from '../model/units.ts';
import type { EventLine } from '../worker/queries/events.ts';
import { type Matches, useMatches } from './matches.ts';

const ROW_HEIGHT = 22;
/** Rows moved by a notch of the wheel. */
const WHEEL_ROWS = 3;

function FilterField({ matches }: { matches: Matches }): JSX.Element {
  const app = useApp();
  const apply = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('filter');
    if (field instanceof HTMLInputElement) app.change({ filter: field.value.trim() });
  };
  return (
    <form class="filter" onSubmit={apply}>
      <label class="hidden" for="filter">
        Condition
      </label>
      <input
        id="filter"
        name="filter"
        autocomplete="off"
        spellcheck={false}
        placeholder="filter: event.kind == GCStarted"
        defaultValue={app.state.value.filter}
        aria-describedby="filter-says"
      />
      <p id="filter-says" class={matches.failed ? 'wrong' : 'quiet'} role="status">
        {matches.says}
      </p>
    </form>
  );
}

function Row({
  line,
  index,
  here,
}: {
  line: EventLine;
  index: number;
  here: boolean;
}): JSX.Element {
  const app = useApp();
  return (
    <div
      class={here ? 'event here' : 'event'}
      role="option"
      tabIndex={-1}
      id={`event-${line.seq}`}
      aria-selected={here}
      aria-posinset={index + 1}
      onClick={() => app.jump({ event: line.seq, inside: 0 })}
      onKeyDown={() => undefined}
    >
      <span class="seq">{count(line.seq)}</span> <b>{line.name}</b> {line.fields.join(' ')}
    </div>
  );
}

/** The rows that are seen: their numbers on the tape. */
function argsOf(
  begin: number,
  matches: Matches,
  top: number,
  rows: Rows,
): Parameters<typeof useAnswer<'events'>>[1] {
  const seen = seenRows(rows) + 1;
  if (matches.seqs === null) return { from: begin + top + 1, count: seen };
  return { seqs: Array.from(matches.seqs.subarray(top, top + seen)) };
}

/** Index of the last row at or before an event; -1 is none. */
const rowOf = ({ seqs }: Matches, event: number, begin: number): number =>
  seqs === null ? event - begin - 1 : firstNotBelow(seqs, event + 1) - 1;

function useViewHeight(view: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(400);
  useEffect(() => {
    const element = view.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [view]);
  return height;
}

export function EventList(): JSX.Element {
  const app = useApp();
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const { position, filter } = app.state.value;
  const matches = useMatches(filter);
  const { begin, events } = app.tape;
  const total = matches.seqs === null ? events - begin : matches.seqs.length;
  const rows: Rows = { total, rowHeight: ROW_HEIGHT, viewHeight: useViewHeight(view) };
  const here = rowOf(matches, position.event, begin);
  const ours = useRef(-1);
  const scrollTo = (row: number): void => {
    const next = Math.max(0, Math.min(total - 1, row));
    setTop(next);
    if (view.current === null) return;
    const scroll = Math.round(scrollOfRow(rows, next));
    if (Math.round(view.current.scrollTop) === scroll) return;
    ours.current = scroll;
    view.current.scrollTop = scroll;
  };
  useEffect(() => {
    if (here >= 0) scrollTo(topToSee(rows, top, here));
  }, [here, rows.viewHeight, matches.seqs === null]);
  const scrolled = (event: { readonly currentTarget: HTMLElement }): void => {
    const { scrollTop } = event.currentTarget;
    if (Math.abs(scrollTop - ours.current) > 1) setTop(rowAtScroll(rows, scrollTop));
    ours.current = -1;
  };
  const wheeled = (event: WheelEvent): void => {
    if (event.ctrlKey || event.deltaY === 0 || listHeight(rows) >= total * ROW_HEIGHT) return;
    event.preventDefault();
    scrollTo(top + Math.sign(event.deltaY) * WHEEL_ROWS);
  };
  const pressed = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: seenRows(rows), PageUp: -seenRows(rows) };
    const rowsOn = by[event.key as keyof typeof by];
    if (rowsOn === undefined) return;
    event.preventDefault();
    const row = Math.max(0, Math.min(total - 1, here + rowsOn));
    const seq = matches.seqs === null ? begin + row + 1 : matches.seqs[row];
    if (seq !== undefined) app.scrub(seq);
  };
  const answer = useAnswer('events', argsOf(begin, matches, top, rows));
  const lines = answer.value ?? [];
  const offset = scrollOfRow(rows, top);
  const inSight = lines.some(({ seq }) => seq === position.event);
  return (
    <>
      <FilterField matches={matches} key={filter} />
      <div
        class="events"
        ref={view}
        role="listbox"
        tabIndex={0}
        aria-label="Events"
        aria-activedescendant={inSight ? `event-${position.event}` : undefined}
        onScroll={scrolled}
        onWheel={wheeled}
        onKeyDown={pressed}
      >
        <div class="tall" style={{ height: `${listHeight(rows)}px` }}>
          <div style={{ transform: `translateY(${offset}px)` }}>
            {lines.map((line, i) => (
              <Row key={line.seq} line={line} index={top + i} here={line.seq === position.event} />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}
