/** The page as its users have it: the real `heaptape view`, and Debian's Chromium driven through its protocol. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRuntime, SCALAR, WorldHasher } from '@heaptape/core';
import { openTapeWriter } from '@heaptape/log';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { BIN, heaptape, temporaryFolder } from '../e2e/heaptape.testkit.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Tests in a browser are skipped, by name, where there is none. */
export const hasChromium: boolean = existsSync(CHROMIUM);
export const WHY_SKIPPED: string = hasChromium ? '' : ` (skipped: no ${CHROMIUM})`;

export interface Viewing {
  readonly url: string;
  readonly port: number;
  /** Ends it as Ctrl-C does, or by another signal; resolves to its exit status. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `heaptape view` and waits for its address. */
export async function view(...args: string[]): Promise<Viewing> {
  const child = spawn(process.execPath, [BIN, 'view', '--no-open', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const line = new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  );
  const first = await Promise.race([line, ended]);
  if (typeof first !== 'string') throw new Error(`it has ended at once: ${errors}`);
  const { port } = new URL(first);
  return {
    url: first,
    port: Number(port),
    end: (signal = 'SIGINT') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** A folder with the tape of a file that ships with the repo; made before the tests of the file. */
export function importedTape(file: string): { readonly path: string } {
  const path = `${temporaryFolder()}/a.tape`;
  beforeAll(async () => {
    expect(await heaptape(['import', file, '-o', path])).toMatchObject({ status: 0 });
  });
  return { path };
}

/** Records a program that keeps some of what it allocates, under a setting of GOGC. */
export function recordProgram(path: string, gogc: number, rounds = 3000): void {
  const writer = openTapeWriter(path);
  const hasher = new WorldHasher();
  const rt = createRuntime({
    gogc,
    procs: 2,
    sink: (batch) => {
      writer.append(batch, hasher.hash(rt.world), rt.world.scalars[SCALAR.timeNs]);
    },
  });
  const node = { name: 'main.node', size: 4096, pointers: [0] };
  const kept = rt.global('kept');
  for (let i = 0; i < rounds; i += 1) {
    const fresh = rt.new(node);
    if (i % 8 === 0) kept.set(fresh);
  }
  rt.end();
  writer.close();
}

export interface Opened {
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: readonly string[];
}

interface OpenOptions extends BrowserContextOptions {
  /** What the page shows once it is open: its bar of buttons, or why there is none. */
  readonly awaits?: 'navigation' | 'alert';
}

/**
 * A browser for the tests of the file. Every page that it opens must leave no complaint, but of what a test is
 * about.
 */
export function theBrowser(
  tolerated: RegExp = /^$/,
): (url: string, options?: OpenOptions) => Promise<Opened> {
  let browser: Browser | undefined;
  const complaints: string[] = [];
  beforeAll(async () => {
    if (!hasChromium) return;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    expect(complaints.filter((text) => !tolerated.test(text))).toEqual([]);
  });
  return async (url, { awaits = 'navigation', ...options } = {}) => {
    if (browser === undefined) throw new Error('there is no browser');
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, ...options });
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    await page.goto(url);
    await page.getByRole(awaits).waitFor();
    return { page, complaints };
  };
}

/** The position that the page shows, once it has arrived there: the event list marks it. */
export async function positionOf(page: Page): Promise<string> {
  return (await page.locator('.place b').textContent()) ?? '';
}

/** Expects something of a value within a time that a busy machine keeps to. */
export const soon = <T>(read: () => T): ReturnType<typeof expect.poll<T>> =>
  expect.poll(read, { timeout: 20_000 });

/** Waits until the page shows a position. */
export async function waitForPosition(page: Page, position: string | RegExp): Promise<void> {
  await expect
    .poll(() => positionOf(page), { timeout: 15_000 })
    .toMatch(
      typeof position === 'string' ? new RegExp(`^${position.replaceAll('.', '\\.')}$`) : position,
    );
}
