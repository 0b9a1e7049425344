/** The worker's entry: one session, served by messages. The first one may bring shared memory. */
import { jobsOf } from './jobs.ts';
import type { Port, ToWorker } from './protocol.ts';
import { type Job, server } from './serve.ts';
import { SessionHolder } from './session.ts';

/** The part of a worker's global scope that is used: the types of pages know it not. */
interface Scope extends Port {
  onmessage: ((event: { readonly data: ToWorker | { readonly cell: Int32Array } }) => void) | null;
}

const scope = globalThis as unknown as Scope;
let cell: Int32Array | null = null;
const jobs = jobsOf(new SessionHolder()) as Readonly<Record<string, unknown>> as Readonly<
  Record<string, Job>
>;
const take = server(scope, jobs, () => cell);

scope.onmessage = ({ data }) => {
  if ('cell' in data) cell = data.cell;
  else take(data);
};
