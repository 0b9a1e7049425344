/**
 * `page-open`: from asking for the page of a tape of ten million events to figures and events of its start
 * being shown. `page-scrub`: how many times a second the page draws another position while the timeline is
 * dragged to and fro over the whole of it. The note says how long the first jump far into the tape takes.
 *
 * The page is as its users have it: the real `heaptape view`, in Debian's Chromium without a window. Where
 * there is none both are skipped, by name.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { inChild, median } from './measure.mjs';
import { recordGraph } from './tapes.mjs';

const CHROMIUM = '/usr/bin/chromium';
const BIN = fileURLToPath(new URL('../../packages/cli/bin/heaptape.js', import.meta.url));
const EVENTS_AN_OPERATION = 1.06;
const ROUNDS = 5;
const SCRUB_MS = 4000;

const make = ({ path, mixed }) => ({ events: recordGraph(path, mixed) });

/** Starts the server; resolves to its address and a way to end it. */
async function serve(path) {
  const child = spawn(process.execPath, [BIN, 'view', '--no-open', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.on('close', () => reject(new Error('heaptape view has ended')));
  });
  const end = () => {
    child.kill('SIGINT');
    return ended;
  };
  return { url, end };
}

/** The page's clock once figures of MemStats and rows of events are there. */
const shownAt = () =>
  document.querySelector('.figures td') !== null &&
  document.querySelector('.event') !== null &&
  performance.now();

async function openOnce(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(url, { waitUntil: 'commit' });
  const shown = await page.waitForFunction(shownAt, undefined, {
    polling: 'raf',
    timeout: 120_000,
  });
  return { page, ms: await shown.jsonValue() };
}

/** Milliseconds until panels show a place that was never visited. */
async function jump(page, event) {
  const began = performance.now();
  await page.evaluate((link) => {
    location.hash = link;
  }, `#at=${event}`);
  await page.waitForSelector(`#event-${event}[aria-selected=true]`, { timeout: 120_000 });
  return performance.now() - began;
}

/**
 * Moves the hand that has hold of the timeline in every frame, and counts the frames in which the page shows
 * another position than in the last.
 */
function dragged(milliseconds) {
  const over = document.querySelector('.u-over');
  const { left, top, width } = over.getBoundingClientRect();
  const shown = () => document.querySelector('.place b').textContent;
  return new Promise((resolve) => {
    const began = performance.now();
    let last = shown();
    const found = { drawn: 0, frames: 0 };
    const frame = () => {
      found.frames += 1;
      if (shown() !== last) found.drawn += 1;
      last = shown();
      const passed = performance.now() - began;
      if (passed >= milliseconds) {
        resolve({ drawn: (found.drawn / passed) * 1e3, frames: (found.frames / passed) * 1e3 });
        return;
      }
      const clientX = left + 1 + Math.abs(((passed / 1e3) % 2) - 1) * (width - 2);
      const hand = { pointerId: 1, clientX, clientY: top + 40, bubbles: true };
      over.dispatchEvent(new PointerEvent('pointermove', hand));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

async function scrub(page) {
  await page.getByText('looking through').waitFor({ state: 'detached', timeout: 300_000 });
  const { x, y } = await page.locator('.u-over').boundingBox();
  await page.mouse.move(x + 1, y + 40);
  await page.mouse.down();
  const found = await page.evaluate(dragged, SCRUB_MS);
  await page.mouse.up();
  return found;
}

async function browsed({ path, rounds }) {
  const { url, end } = await serve(path);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const times = [];
    for (let i = 0; i < rounds; i += 1) {
      const { page, ms } = await openOnce(browser, url);
      times.push(ms);
      await page.close();
    }
    const { page } = await openOnce(browser, url);
    const events = await page.evaluate(() =>
      Number(document.querySelector('[role=slider]').getAttribute('aria-valuemax')),
    );
    const deep = await jump(page, Math.floor(events * 0.9));
    const again = await jump(page, Math.floor(events * 0.6));
    return { open: median(times), worst: Math.max(...times), deep, again, ...(await scrub(page)) };
  } finally {
    await browser.close();
    await end();
  }
}

const RESULTS = [
  { name: 'page-open', unit: 'ms', baseline: null, target: { max: 2000 } },
  { name: 'page-scrub', unit: 'f/s', baseline: null, target: { min: 30 } },
];

export const page = {
  names: RESULTS.map(({ name }) => name),
  tasks: { make, browsed },
  async run({ quick, folder }) {
    if (!existsSync(CHROMIUM)) {
      return RESULTS.map((one) => ({ ...one, value: null, note: `skipped: no ${CHROMIUM}` }));
    }
    const path = join(folder, 'page.tape');
    const wanted = quick ? 1_000_000 : 10_000_000;
    const { events } = await inChild('page', 'make', {
      path,
      mixed: Math.ceil(wanted / EVENTS_AN_OPERATION),
    });
    const found = await inChild('page', 'browsed', { path, rounds: quick ? 2 : ROUNDS });
    const [open, drawn] = RESULTS;
    return [
      {
        ...open,
        value: found.open,
        note: `${events} events; worst ${found.worst.toFixed(0)} ms; first jump to nine tenths ${found.deep.toFixed(0)} ms, back to six ${found.again.toFixed(0)} ms`,
      },
      {
        ...drawn,
        value: found.drawn,
        note: `positions drawn while dragging to and fro; the page drew ${found.frames.toFixed(0)} frames/s`,
      },
    ];
  },
};
