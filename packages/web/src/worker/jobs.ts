/** Every job by its name: what the page may ask a worker to do. A new one is a file in `jobs` and a row here. */

import { cyclesJob } from './jobs/cycles.ts';
import { divergenceJob } from './jobs/divergence.ts';
import { keepersJob, waitsJob } from './jobs/heap.ts';
import { historyJob } from './jobs/history.ts';
import { matchesJob } from './jobs/matches.ts';
import { notesJob } from './jobs/notes.ts';
import { openJob } from './jobs/open.ts';
import { overviewJob } from './jobs/overview.ts';
import { visitJob } from './jobs/visit.ts';
import type { SessionHolder } from './session.ts';

// What each holds is inferred: the page's types of jobs follow from it.
export const jobsOf = (holder: SessionHolder) =>
  ({
    open: openJob(holder),
    visit: visitJob(holder),
    overview: overviewJob(holder),
    matches: matchesJob(holder),
    keepers: keepersJob(holder),
    waits: waitsJob(holder),
    history: historyJob(holder),
    notes: notesJob(holder),
    cycles: cyclesJob(holder),
    divergence: divergenceJob(holder),
  }) as const;

type Jobs = ReturnType<typeof jobsOf>;
export type JobName = keyof Jobs;
export type JobArgs<N extends JobName> = Parameters<Jobs[N]>[0];
export type JobAnswer<N extends JobName> = Awaited<ReturnType<Jobs[N]>>;
