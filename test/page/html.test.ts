/** The page as one file on disk: offline, with nothing fetched, whole or cut, with one tape or two. */
import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  answerOf,
  expectRefusal,
  heaptape,
  TRACE,
  temporaryFolder,
} from '../e2e/heaptape.testkit.ts';
import {
  hasChromium,
  importedTape,
  positionOf,
  soon,
  theBrowser,
  WHY_SKIPPED,
  waitForPosition,
} from './page.testkit.ts';

interface StateAnswer {
  readonly memstats: Readonly<Record<string, number>>;
}

const folder = temporaryFolder();
const tape = importedTape(TRACE);

async function exported(name: string, ...args: readonly string[]): Promise<string> {
  const path = `${folder}/${name}`;
  const answer = await heaptape(['export', tape.path, '--format', 'html', '-o', path, ...args]);
  expect(answer).toMatchObject({ status: 0, stdout: '', stderr: '' });
  return path;
}

const addressOf = (path: string, hash = ''): string => `${pathToFileURL(path).href}${hash}`;

const figure = (page: Page, name: string): Promise<string | null> =>
  page
    .getByRole('row', { name: new RegExp(`^${name} `) })
    .locator('td')
    .first()
    .getAttribute('title');

describe('the file', () => {
  let whole: string;
  beforeAll(async () => {
    whole = await exported('whole.html');
  });

  test('asks for nothing: its policy names its own script and style only', () => {
    const text = readFileSync(whole, 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text)?.[1] ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'$/,
    );
    expect(text).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)="(?!data:)/);
    expect(text.match(/<\/script>/g)?.length).toBe(text.match(/<script/g)?.length);
  });

  test('is written whole or not at all', async () => {
    const lost = ['export', `${folder}/none.tape`, '--format', 'html', '-o', `${folder}/x.html`];
    expectRefusal(await heaptape(lost), /none\.tape/);
    const args = ['export', tape.path, '--format', 'html', '-o', `${folder}/x.html`];
    expectRefusal(await heaptape([...args, '--from', '9', '--to', '3']), /nothing lies between/);
    expectRefusal(await heaptape([...args, '--from', '99999999']), /no event 99999999/);
    expectRefusal(
      await heaptape([...args, '--from', '500000', '--at', '7']),
      /--at 7 is not in what is cut out: events \d+ to 935783$/,
    );
    expectRefusal(
      await heaptape([...args.slice(0, 3), 'jsonl', '--from', '3']),
      /--from is for html/,
    );
    expect(readdirSync(folder).filter((name) => name.includes('x.html'))).toEqual([]);
    expect(existsSync(whole)).toBe(true);
  });
});

describe.skipIf(!hasChromium)(`the page on disk${WHY_SKIPPED}`, () => {
  const open = theBrowser();
  const offline = { offline: true } as const;

  test('shows, scrubs, steps back and filters without a network', async () => {
    const path = await exported('one.html', '--at', '123456');
    const { page } = await open(addressOf(path), offline);
    await waitForPosition(page, '123456');
    const { memstats } = await answerOf<StateAnswer>(['state', tape.path, '--at', '123456']);
    for (const name of ['HeapAlloc', 'Mallocs', 'NextGC']) {
      await soon(() => figure(page, name)).toBe(String(memstats[name]));
    }
    await page.keyboard.press('ArrowLeft');
    await waitForPosition(page, '123455');
    await page.getByText('looking through').waitFor({ state: 'detached' });
    const box = await page.locator('.u-over').boundingBox();
    if (box === null) throw new Error('there is no timeline');
    await page.mouse.click(box.x + box.width * 0.6, box.y + 50);
    await soon(async () => Number(await positionOf(page))).toBeGreaterThan(300_000);
    await page.keyboard.press('/');
    await page.keyboard.type('event.kind == GCStarted');
    await page.keyboard.press('Enter');
    await soon(() => page.locator('#filter-says').textContent()).toBe('24 events');
    await page.close();
  });

  test('a cut has the numbers and states of the whole, and ends where it ends', async () => {
    const path = await exported('cut.html', '--from', '500000', '--to', 'cycle:20');
    const { page } = await open(addressOf(path, '#at=500001'), offline);
    await waitForPosition(page, '500001');
    const { memstats } = await answerOf<StateAnswer>(['state', tape.path, '--at', '500001']);
    for (const name of ['HeapAlloc', 'Mallocs', 'Frees', 'PauseTotalNs', 'Sys']) {
      await soon(() => figure(page, name)).toBe(String(memstats[name]));
    }
    await page.keyboard.press('Home');
    await soon(async () => Number(await positionOf(page))).toBeLessThan(500_001);
    const begin = Number(await positionOf(page));
    expect(begin).toBeGreaterThan(400_000);
    await page.keyboard.press('ArrowLeft');
    await page.getByText('the tape begins here').waitFor();
    await page.getByLabel('go to').fill('3');
    await page.keyboard.press('Enter');
    await page.getByText(/event 3 is not on a tape of \d+ to \d+/).waitFor();
    await page.close();
  });

  test('one that did not arrive whole says so', async () => {
    const path = `${folder}/short.html`;
    copyFileSync(await exported('long.html'), path);
    truncateSync(path, 700_000);
    const { page } = await open(addressOf(path), { ...offline, awaits: 'alert' });
    expect(await page.getByRole('alert').textContent()).toMatch(/not whole|damaged/);
    await page.close();
  });
});
