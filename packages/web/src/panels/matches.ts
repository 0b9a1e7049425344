/** The events that a condition picks, gathered while the scout finds them. */
import { useEffect, useState } from 'preact/hooks';
import { CallError } from '../app/caller.ts';
import { useApp } from '../app/context.ts';
import { count } from '../model/units.ts';
import type { MatchesPart } from '../worker/jobs/matches.ts';

export interface Matches {
  /** Null without a condition: every event. */
  readonly seqs: Float64Array | null;
  /** What there is to say of it. */
  readonly says: string;
  readonly failed: boolean;
}

const EVERY: Matches = { seqs: null, says: '', failed: false };
const MOST = 200_000;

/** Grows by doubling: what was handed out before stays as it was. */
class Gatherer {
  #all = new Float64Array(1024);
  #length = 0;

  add(seqs: Float64Array): void {
    const length = this.#length + seqs.length;
    if (length > this.#all.length) {
      const larger = new Float64Array(Math.max(length, this.#all.length * 2));
      larger.set(this.#all.subarray(0, this.#length));
      this.#all = larger;
    }
    this.#all.set(seqs, this.#length);
    this.#length = length;
  }

  get seqs(): Float64Array {
    return this.#all.subarray(0, this.#length);
  }
}

export function useMatches(filter: string): Matches {
  const { scout, tape } = useApp();
  const [matches, setMatches] = useState<Matches>(EVERY);
  useEffect(() => {
    if (filter === '') {
      setMatches(EVERY);
      return undefined;
    }
    const gatherer = new Gatherer();
    const show = (rest: string): void => {
      const { seqs } = gatherer;
      setMatches({ seqs, says: `${count(seqs.length)} events${rest}`, failed: false });
    };
    show(', looking …');
    const { answer, cancel } = scout.call(
      'matches',
      { condition: filter, most: MOST },
      {
        onPart: (part) => {
          const { seqs, done } = part as MatchesPart;
          gatherer.add(seqs);
          show(done < tape.events ? `, ${Math.floor((done / tape.events) * 100)} % looked at` : '');
        },
      },
    );
    answer.then(
      ({ whole }) => show(whole ? '' : ', the first of more'),
      (error: unknown) => {
        if (error instanceof CallError && error.failure.code === 'cancelled') return;
        setMatches({
          seqs: new Float64Array(0),
          says: String((error as Error).message),
          failed: true,
        });
      },
    );
    return cancel;
  }, [filter, scout, tape]);
  return matches;
}
