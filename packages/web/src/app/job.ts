/** A job of the scout as a component sees it: runs while the component is there, anew when its arguments change. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobAnswer, JobArgs, JobName } from '../worker/jobs.ts';
import { CallError } from './caller.ts';
import { useApp } from './context.ts';

export interface JobView<T> {
  /** The answer to these arguments; undefined until there is one. */
  readonly value: T | undefined;
  /** How far it is, 0 to 1; null where it does not run. */
  readonly share: number | null;
  /** Why there is no answer; `stopped` where the user stopped it. */
  readonly failure: string;
  stop(): void;
  again(): void;
}

/** Milliseconds to wait before a job begins: arguments that follow the position change often. */
const PAUSE_MS = 120;

interface Shown<T> {
  readonly key: string;
  readonly value: T | undefined;
  readonly share: number | null;
  readonly failure: string;
}

/** With `null` for arguments nothing runs. */
export function useJob<N extends JobName>(name: N, args: JobArgs<N> | null): JobView<JobAnswer<N>> {
  const { scout } = useApp();
  const key = args === null ? '' : JSON.stringify(args);
  const [turn, setTurn] = useState(0);
  const nothing: Shown<JobAnswer<N>> = { key, value: undefined, share: null, failure: '' };
  const [shown, setShown] = useState(nothing);
  const running = useRef<{ cancel(): void } | null>(null);
  useEffect(() => {
    if (args === null) return undefined;
    let wanted = true;
    const show = (next: Partial<Shown<JobAnswer<N>>>): void => {
      if (wanted) setShown({ ...nothing, ...next });
    };
    show({ share: 0 });
    const timer = setTimeout(() => {
      const { answer, cancel } = scout.call(name, args, {
        onProgress: ({ done, total }) => show({ share: done / Math.max(1, total) }),
      });
      running.current = { cancel };
      answer.then(
        (value) => show({ value: value as JobAnswer<N> }),
        (error: unknown) => show({ failure: failureOf(error) }),
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
      running.current?.cancel();
      running.current = null;
    };
    // The key stands for the arguments.
  }, [scout, name, key, turn]);
  const now = shown.key === key ? shown : nothing;
  return {
    ...now,
    stop: () => running.current?.cancel(),
    again: () => setTurn(turn + 1),
  };
}

function failureOf(error: unknown): string {
  if (!(error instanceof CallError)) return String(error);
  return error.failure.code === 'cancelled' ? 'stopped' : error.failure.message;
}
