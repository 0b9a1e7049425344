/** Every job by its name: what the page may ask a worker to do. A new one is a file in `jobs` and a row here. */
import { divergenceJob } from './jobs/divergence.ts';
import { matchesJob } from './jobs/matches.ts';
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
    divergence: divergenceJob(holder),
  }) as const;

type Jobs = ReturnType<typeof jobsOf>;
export type JobName = keyof Jobs;
export type JobArgs<N extends JobName> = Parameters<Jobs[N]>[0];
export type JobAnswer<N extends JobName> = Awaited<ReturnType<Jobs[N]>>;
