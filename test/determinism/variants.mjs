/**
 * Surroundings that must not show: each says how a second process differs from the first.
 *
 * `node` are options of the binary, `worker` those of `worker.mjs`; `share` is the part of a batch that is done,
 * because some are slow.
 */
const LONG = 'x'.repeat(100_000);

export const VARIANTS = [
  { name: 'again' },
  { name: 'time zone', env: { TZ: 'Pacific/Kiritimati' } },
  { name: 'Turkish', env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', LANGUAGE: 'tr' } },
  { name: 'C locale', env: { LANG: 'C', LC_ALL: 'C', TZ: 'America/St_Johns' } },
  { name: 'no environment', bare: true },
  { name: 'large environment', env: { HEAPTAPE_FILLER: LONG } },
  { name: 'other folder', cwd: '/' },
  { name: 'long command line', more: [LONG, 'ü', ''] },
  { name: 'shifted clocks and dice', worker: { shifted: true } },
  { name: 'writer in a thread', worker: { threaded: true } },
  { name: 'one CPU', cpus: '0', env: { UV_THREADPOOL_SIZE: '1' } },
  { name: 'small host heap', node: ['--max-old-space-size=256', '--max-semi-space-size=1'] },
  { name: 'large host heap', node: ['--max-semi-space-size=64'] },
  { name: 'other hash seed', node: ['--hash-seed=99', '--random-seed=7'] },
  { name: 'small stack', node: ['--stack-size=400'] },
  { name: 'large stack', node: ['--stack-size=3000'] },
  { name: 'unoptimized', node: ['--no-opt'], share: 0.5 },
  { name: 'optimized at once', node: ['--always-sparkplug', '--interrupt-budget=5000'] },
  { name: 'interpreted', node: ['--jitless'], share: 0.2 },
  { name: 'host collects often', node: ['--gc-interval=20000'], share: 0.5 },
  {
    name: 'all of it',
    env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', HEAPTAPE_FILLER: LONG },
    cwd: '/',
    more: [LONG],
    node: ['--max-semi-space-size=1', '--hash-seed=99', '--stack-size=400', '--always-sparkplug'],
    worker: { shifted: true, threaded: true },
  },
];

/** A program that depends on the number of its process: it must be found, or the comparison is none. */
export const PLANTED = { name: 'planted', worker: { planted: true } };
