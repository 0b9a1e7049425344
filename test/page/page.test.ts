/** The page in a real browser: timeline, steps, event list, MemStats, links, keys, and what it must not do. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, TRACE } from '../e2e/heaptape.testkit.ts';
import { serious } from './axe.testkit.ts';
import {
  hasChromium,
  importedTape,
  positionOf,
  soon,
  theBrowser,
  type Viewing,
  view,
  WHY_SKIPPED,
  waitForPosition,
} from './page.testkit.ts';

interface StateAnswer {
  readonly memstats: Readonly<Record<string, number>>;
}

const figure = (page: Page, name: string): Promise<string | null> =>
  page
    .getByRole('row', { name: new RegExp(`^${name} `) })
    .locator('td')
    .first()
    .getAttribute('title');

describe.skipIf(!hasChromium)(`the page${WHY_SKIPPED}`, () => {
  const tape = importedTape(TRACE);
  const open = theBrowser();
  let viewing: Viewing;
  beforeAll(async () => {
    viewing = await view(tape.path);
  });
  afterAll(async () => {
    expect(await viewing.end()).toBe(0);
  });

  test('opens at the start, and has looked through the whole tape soon', async () => {
    const { page } = await open(viewing.url);
    expect(await page.title()).toBe('a.tape – heaptape');
    expect(await positionOf(page)).toBe('0');
    await page.getByText('looking through').waitFor({ state: 'detached' });
    await page.close();
  });

  test('shows MemStats as the command line does, at the place of a link', async () => {
    const { page } = await open(`${viewing.url}#at=123456`);
    await waitForPosition(page, '123456');
    const { memstats } = await answerOf<StateAnswer>(['state', tape.path, '--at', '123456']);
    for (const name of ['HeapAlloc', 'Mallocs', 'Frees', 'NextGC', 'PauseTotalNs', 'Sys']) {
      await soon(() => figure(page, name)).toBe(String(memstats[name]));
    }
    await page.close();
  });

  test('steps by event, phase and cycle, and comes back by the same way', async () => {
    const { page } = await open(`${viewing.url}#at=100000`);
    await waitForPosition(page, '100000');
    await page.keyboard.press('ArrowRight');
    await waitForPosition(page, '100001');
    const seen = ['100001'];
    for (const key of ['Shift+ArrowRight', 'Shift+ArrowRight', 'Control+ArrowRight']) {
      await page.keyboard.press(key);
      await soon(() => positionOf(page)).not.toBe(seen.at(-1));
      seen.push(await positionOf(page));
    }
    expect(seen.map(Number)).toEqual([...seen.map(Number)].sort((a, b) => a - b));
    const here = page.locator('.event.here');
    await soon(() => here.textContent()).toContain('GCStarted');
    await page.keyboard.press('Control+ArrowLeft');
    await soon(async () => Number(await positionOf(page))).toBeLessThan(Number(seen[3]));
    await soon(() => here.textContent()).toContain('GCStarted');
    await page.close();
  });

  test('scrubs where the timeline is dragged, and the address follows', async () => {
    const { page } = await open(viewing.url);
    await page.getByText('looking through').waitFor({ state: 'detached' });
    const box = await page.locator('.u-over').boundingBox();
    if (box === null) throw new Error('there is no timeline');
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 50, { steps: 5 });
    await page.mouse.up();
    await soon(async () => Number(await positionOf(page))).toBeGreaterThan(300_000);
    const at = await positionOf(page);
    await soon(() => page.url()).toContain(`#at=${at}`);
    await expect
      .poll(() => page.locator('.event.here .seq').textContent())
      .toBe(at.replace(/(\d{3})$/, ',$1'));
    await page.close();
  });

  test('zooms to what is brushed, and back', async () => {
    const { page } = await open(viewing.url);
    const box = await page.locator('.u-over').boundingBox();
    if (box === null) throw new Error('there is no timeline');
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + 200, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 50, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await soon(() => page.url()).toMatch(/zoom=\d+-\d+/);
    expect(await positionOf(page)).toBe('0');
    await page.keyboard.press('0');
    await soon(() => page.url()).not.toContain('zoom');
    await page.close();
  });

  test('counts changes from a bookmark', async () => {
    const { page } = await open(`${viewing.url}#at=5000`);
    await waitForPosition(page, '5000');
    await page.keyboard.press('b');
    await page.getByLabel('go to').fill('cycle:3');
    await page.keyboard.press('Enter');
    await soon(async () => Number(await positionOf(page))).toBeGreaterThan(5000);
    const [before, after] = await Promise.all(
      ['5000', 'cycle:3'].map((at) => answerOf<StateAnswer>(['state', tape.path, '--at', at])),
    );
    const grown = after.memstats['Mallocs'] - before.memstats['Mallocs'];
    const cell = page.getByRole('row', { name: /^Mallocs / }).locator('td.change');
    await expect
      .poll(() => cell.textContent())
      .toBe(`+${String(grown).replace(/\B(?=(\d{3})+$)/g, ',')}`);
    await page.close();
  });

  test('filters the events by a condition, of events and of the state', async () => {
    const { page } = await open(viewing.url);
    await page.keyboard.press('/');
    await page.keyboard.type('event.kind == GCStarted');
    await page.keyboard.press('Enter');
    await soon(() => page.locator('#filter-says').textContent()).toBe('24 events');
    expect(await page.locator('.event b').allTextContents()).toContain('GCStarted');
    await page.getByLabel('Condition').fill('event.kind == GCStarted and heapLive > 12MiB');
    await page.keyboard.press('Enter');
    await soon(() => page.locator('#filter-says').textContent()).toMatch(/^1?\d events$/);
    await page.getByLabel('Condition').fill('nonsense (');
    await page.keyboard.press('Enter');
    await page.locator('#filter-says.wrong').waitFor();
    await page.close();
  });

  test('has keys for everything, and says them', async () => {
    const { page } = await open(viewing.url);
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.waitFor();
    for (const text of ['Undo the last jump', 'Play backwards, or stop', 'Show MemStats']) {
      await help.getByText(text).waitFor();
    }
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.close();
  });

  test('plays, and stops', async () => {
    const { page } = await open(viewing.url);
    await page.keyboard.press(' ');
    await soon(async () => Number(await positionOf(page))).toBeGreaterThan(20);
    await page.keyboard.press(' ');
    await page.waitForTimeout(200);
    const stopped = await positionOf(page);
    await page.waitForTimeout(300);
    expect(await positionOf(page)).toBe(stopped);
    await page.close();
  });

  test.each(['light', 'dark'] as const)('has no serious barrier in %s', async (colorScheme) => {
    const { page } = await open(`${viewing.url}#at=100000`, { colorScheme });
    await page.getByText('looking through').waitFor({ state: 'detached' });
    expect(await serious(page)).toEqual([]);
    await page.keyboard.press('?');
    expect(await serious(page)).toEqual([]);
    await page.close();
  });

  test('can be read on a telephone', async () => {
    const { page } = await open(viewing.url, { viewport: { width: 390, height: 800 } });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(await serious(page)).toEqual([]);
    await page.close();
  });
});
