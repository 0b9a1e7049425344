/**
 * The pictures of the page in docs/img, made anew:
 *
 *   node test/page/shots.mjs [NAME …]
 *
 * Each is a row of `SHOTS`: what is opened, at which link, how large, and what is done before the picture is
 * taken. A picture of another panel is another row. Needs Chromium, and what `npm test` has built.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRuntime, SCALAR, WorldHasher } from '@heaptape/core';
import { openTapeWriter } from '@heaptape/log';
import { chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const inRepo = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const BIN = inRepo('packages/cli/bin/heaptape.js');
const TRACE = inRepo('test/fixtures/traces/compile-regexp.trace.gz');
const MOST_BYTES = 250_000;

const WIDE = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 800 };

/** `tapes`: the tape, and the one beside it. `file`: opened from one file instead of a server. */
const SHOTS = [
  { name: 'page', tapes: ['app'], link: '#at=500000&marks=b1:400000&since=b1' },
  {
    name: 'page-dark',
    tapes: ['app'],
    link: '#at=712345&zoom=600000-800000&filter=event.kind+%3D%3D+GCStarted&theme=dark',
  },
  { name: 'page-phone', tapes: ['app'], link: '#at=500000', viewport: PHONE },
  {
    name: 'page-compare',
    tapes: ['gogc100', 'gogc400'],
    link: '#at=9000&axis=allocated&open=right:compare',
    until: (page) => page.getByRole('button', { name: /first differ/ }).waitFor(),
  },
  {
    name: 'page-heapmap',
    tapes: ['gogc100'],
    link: '#at=9000&sel=4033&open=middle:heapmap,right:object',
    until: async (page) => {
      await page.getByRole('slider', { name: /heap map/i }).waitFor();
    },
  },
  {
    name: 'page-file',
    tapes: ['app'],
    file: ['--from', 'cycle:5', '--to', 'cycle:9', '--at', 'cycle:7'],
    link: '',
  },
];

function ran(...args) {
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A program that keeps more and more, and lets go of most. */
function record(path, gogc) {
  const writer = openTapeWriter(path);
  const hasher = new WorldHasher();
  const sink = (batch) => {
    writer.append(batch, hasher.hash(rt.world), rt.world.scalars[SCALAR.timeNs]);
  };
  const rt = createRuntime({ gogc, procs: 2, sink });
  const node = { name: 'main.node', size: 4096, pointers: [0] };
  const kept = rt.global('kept');
  let last = null;
  for (let i = 0; i < 20_000; i += 1) {
    const fresh = rt.new(node);
    if (i % 16 !== 0) continue;
    fresh.set(0, last);
    last = i % 4096 === 0 ? null : fresh;
    kept.set(last);
  }
  rt.end();
  writer.close();
}

/** Starts the server; resolves to its address and a way to end it. */
async function serve(args) {
  const child = spawn(process.execPath, [BIN, 'view', '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  );
  return { url, end: () => child.kill('SIGINT') };
}

async function taken(browser, folder, { name, tapes, link, file, viewport = WIDE, until }) {
  const [first, second] = tapes.map((tape) => join(folder, `${tape}.tape`));
  const beside = second === undefined ? [] : ['--compare', second];
  const html = join(folder, `${tapes[0]}.html`);
  if (file) ran('export', first, '--format', 'html', '-o', html, ...file, ...beside);
  const { url, end } = file
    ? { url: pathToFileURL(html).href, end: () => undefined }
    : await serve([first, ...beside]);
  const path = inRepo(`docs/img/${name}.png`);
  try {
    const page = await browser.newPage({ viewport });
    await page.goto(`${url}${link}`);
    await page.getByRole('navigation').waitFor();
    await page
      .getByText('looking through')
      .first()
      .waitFor({ state: 'detached', timeout: 120_000 });
    await page.locator('.event').first().waitFor();
    await until?.(page);
    await page.waitForTimeout(500);
    await page.screenshot({ path });
    await page.close();
  } finally {
    end();
  }
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${path}: ${size} bytes are too many`);
  process.stdout.write(`${path}: ${size} bytes\n`);
}

const wanted = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'heaptape-shots-'));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  ran('import', TRACE, '-o', join(folder, 'app.tape'));
  record(join(folder, 'gogc100.tape'), 100);
  record(join(folder, 'gogc400.tape'), 400);
  for (const shot of SHOTS) {
    if (wanted.length === 0 || wanted.includes(shot.name)) await taken(browser, folder, shot);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
