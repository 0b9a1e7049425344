/** Two tapes on one axis, served and in one file: figures of both, where they part, swapped. */
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, heaptape, temporaryFolder } from '../e2e/heaptape.testkit.ts';
import {
  hasChromium,
  positionOf,
  recordProgram,
  soon,
  theBrowser,
  type Viewing,
  view,
  WHY_SKIPPED,
  waitForPosition,
} from './page.testkit.ts';

interface Diff {
  readonly firstDivergence: { readonly seq: number; readonly a: string; readonly b: string };
}

interface State {
  readonly memstats: Readonly<Record<string, number>>;
}

/** Figures of a row: here, there. */
const figures = (page: Page, name: string): Promise<(string | null)[]> =>
  page
    .locator('#panel-compare')
    .getByRole('row', { name: new RegExp(`^${name} `) })
    .locator('td')
    .evaluateAll((cells) => cells.slice(0, 2).map((cell) => cell.getAttribute('title')));

const there = async (page: Page): Promise<number> =>
  Number((await page.locator('#panel-compare p b').textContent())?.replaceAll(',', ''));

describe.skipIf(!hasChromium)(`two tapes${WHY_SKIPPED}`, () => {
  const folder = temporaryFolder();
  const [a, b] = [`${folder}/a.tape`, `${folder}/b.tape`];
  const open = theBrowser();
  let viewing: Viewing;
  beforeAll(async () => {
    recordProgram(a, 100);
    recordProgram(b, 400);
    viewing = await view(a, '--compare', b);
  });
  afterAll(async () => {
    expect(await viewing?.end()).toBe(0);
  });

  const opened = async (address: string, offline = false): Promise<Page> => {
    const { page } = await open(address, { offline });
    await page.getByText('looking through').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /first differ/ }).waitFor();
    return page;
  };

  const shows = async (page: Page, events: readonly [number, number]): Promise<void> => {
    const states = await Promise.all([
      answerOf<State>(['state', a, '--at', String(events[0])]),
      answerOf<State>(['state', b, '--at', String(events[1])]),
    ]);
    for (const name of ['HeapAlloc', 'Mallocs', 'NumGC', 'PauseTotalNs']) {
      await soon(() => figures(page, name)).toEqual(
        states.map(({ memstats }) => String(memstats[name])),
      );
    }
  };

  test('show the figures of the same place, and the first event that differs', async () => {
    const page = await opened(`${viewing.url}#at=2000&axis=event&open=right:compare`);
    await shows(page, [2000, 2000]);
    const { firstDivergence } = await answerOf<Diff>(['diff', a, b], 1);
    const parting = page.getByRole('region', { name: 'First difference' });
    expect(await parting.locator('code').allTextContents()).toEqual([
      firstDivergence.a,
      firstDivergence.b,
    ]);
    await page.keyboard.press('v');
    await waitForPosition(page, String(firstDivergence.seq));
    await page.close();
  });

  test.each(['allocated', 'time', 'cycle'])('lie over each other along %s', async (axis) => {
    const page = await opened(`${viewing.url}#at=3000&axis=${axis}&open=right:compare`);
    await soon(() => there(page)).toBeGreaterThan(100);
    const event = await there(page);
    await shows(page, [3000, event]);
    if (axis === 'allocated') {
      const [here, other] = await figures(page, 'TotalAlloc');
      expect(Math.abs(Number(here) - Number(other))).toBeLessThan(64 * 4096);
    }
    await page.close();
  });

  test('change places', async () => {
    const page = await opened(`${viewing.url}#at=2000&axis=event&open=right:compare`);
    await page.keyboard.press('V');
    await soon(() => page.title()).toBe('b.tape – heaptape');
    await waitForPosition(page, '2000');
    expect(await page.locator('h1').textContent()).toContain('beside a.tape');
    await page.keyboard.press('V');
    await soon(() => page.title()).toBe('a.tape – heaptape');
    await page.close();
  });

  test('lie in one file', async () => {
    const path = `${folder}/both.html`;
    const args = ['export', a, '--format', 'html', '--compare', b, '-o', path, '--at', '1500'];
    expect(await heaptape(args)).toMatchObject({ status: 0, stderr: '' });
    const address = `${pathToFileURL(path).href}#at=1500&axis=event&open=right:compare`;
    const page = await opened(address, true);
    await shows(page, [1500, 1500]);
    expect(await positionOf(page)).toBe('1500');
    await page.keyboard.press('V');
    await soon(() => page.title()).toBe('b.tape – heaptape');
    await page.close();
  });
});
