/** The heap map in a real browser: objects change colour as one steps, cursor and keys, real recordings. */
import { SCALAR } from '@heaptape/core';
import { openTape } from '@heaptape/log';
import { Travel } from '@heaptape/replay';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, TRACE, temporaryFolder } from '../e2e/heaptape.testkit.ts';
import { serious } from './axe.testkit.ts';
import { writeGraphTape } from './graph.testkit.ts';
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

/** Counts of the legend, by row. */
async function legendOf(page: Page): Promise<Record<string, number>> {
  const rows = await page
    .locator('.map-legend li')
    .evaluateAll((all) =>
      all.map((row) => [row.getAttribute('data-row'), row.querySelector('b')?.textContent]),
    );
  return Object.fromEntries(
    rows.map(([id, text]) => [id ?? '', Number((text ?? '').replaceAll(',', ''))]),
  );
}

/** What replay says of all objects at an event: how many have which colour. */
function coloursAt(travel: Travel, event: number): Record<string, number> {
  travel.at({ event, inside: 0 });
  const counts: Record<string, number> = { white: 0, grey: 0, black: 0, free: 0 };
  const { world, facts } = travel;
  for (let object = 1; object < world.scalars[SCALAR.nextOrdinal]; object += 1) {
    counts[facts.owners.colourOf(world, object)] += 1;
  }
  return counts;
}

/** Different colours of pixels on the map. */
const coloursDrawn = (page: Page): Promise<number> =>
  page.locator('.map canvas').evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (copy === null) return 0;
    copy.drawImage(element as HTMLCanvasElement, 0, 0);
    const { data } = copy.getImageData(62, 0, width - 62, height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

const slotText = async (page: Page): Promise<string> =>
  (await page.locator('.map-slot').textContent({ timeout: 10_000 })) ?? '';

/** The colour of the object under the cursor, of which the map speaks. */
const colourSaid = async (page: Page): Promise<string> =>
  /, (white|grey|black)\b/.exec(await slotText(page))?.[1] ?? '';

describe.skipIf(!hasChromium)(`the heap map${WHY_SKIPPED}`, () => {
  const path = `${temporaryFolder()}/graph.tape`;
  const trace = importedTape(TRACE);
  const open = theBrowser();
  let viewing: Viewing;
  let recorded: Viewing;
  let travel: Travel;
  let marking = 0;
  beforeAll(async () => {
    writeGraphTape(path);
    viewing = await view(path);
    recorded = await view(trace.path);
    travel = new Travel(openTape(path));
    marking = travel.runUntil('event.kind == GCStarted').position.event;
  });
  afterAll(async () => {
    expect(await viewing.end()).toBe(0);
    expect(await recorded.end()).toBe(0);
  });

  /** Presses a key and waits for the next position, until the object has been black, or white again. */
  async function watched(
    page: Page,
    from: number,
    key: string,
    last: string,
  ): Promise<[string, number][]> {
    const seen: [string, number][] = [];
    for (let event = from; Math.abs(event - from) < 200; event += key === 'ArrowRight' ? 1 : -1) {
      await waitForPosition(page, String(event));
      const { free: _, ...colours } = coloursAt(travel, event);
      await soon(() => legendOf(page)).toMatchObject(colours);
      const colour = await colourSaid(page);
      if (colour !== seen.at(-1)?.[0]) seen.push([colour, event]);
      if (colour === last) return seen;
      await page.keyboard.press(key);
    }
    return seen;
  }

  test('shows an object turn white, grey and black as one steps, and back again', async () => {
    const { page } = await open(`${viewing.url}#at=${marking}&sel=1&map=mark:4096:0`);
    await waitForPosition(page, String(marking));
    await soon(() => slotText(page)).toContain('#1 main.node');
    const seen = await watched(page, marking, 'ArrowRight', 'black');
    expect(seen.map(([colour]) => colour)).toEqual(['white', 'grey', 'black']);
    for (const [colour, event] of seen) {
      const answer = await answerOf<{ color: string }>([
        'object',
        path,
        '#1',
        '--at',
        String(event),
      ]);
      expect(answer.color).toBe(colour);
    }
    const black = seen[2][1];
    const back = await watched(page, black, 'ArrowLeft', 'white');
    expect(back.map(([colour]) => colour)).toEqual(['black', 'grey', 'white']);
    expect(back.map(([, event]) => event)).toEqual([black, black - 1, seen[1][1] - 1]);
    await page.close();
  });

  test('counts objects that a sweep frees one by one, inside the event', async () => {
    const { page } = await open(
      `${viewing.url}#at=${travel.runUntil('event.kind == GCMarkTerminated').position.event}`,
    );
    await soon(() => legendOf(page)).toMatchObject({ white: 0, grey: 0, dead: 40 });
    for (let i = 0; i < 400 && (await legendOf(page))['dead'] === 40; i += 1) {
      const at = await positionOf(page);
      await page.keyboard.press('O');
      await soon(() => positionOf(page)).not.toBe(at);
      await page.waitForTimeout(20);
    }
    expect((await legendOf(page))['dead']).toBe(39);
    await page.close();
  });

  test('has a cursor for the keyboard, which selects, zooms, and comes back to the whole', async () => {
    const { page } = await open(`${viewing.url}#at=${marking}`);
    await waitForPosition(page, String(marking));
    await page.keyboard.press('H');
    await page.keyboard.press('Tab');
    const map = page.getByRole('slider', { name: 'Heap map' });
    while (!(await map.evaluate((element) => element === document.activeElement))) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('End');
    await soon(() => map.getAttribute('aria-valuetext')).toContain('span of 1 page');
    await page.keyboard.press('Enter');
    await soon(() => page.url()).toMatch(/map=mark:\d+:\d+/);
    await page.locator('.map-slot').waitFor();
    await page.keyboard.press('ArrowUp');
    for (let i = 0; i < 300 && !(await slotText(page)).startsWith('#'); i += 1) {
      await page.keyboard.press('ArrowLeft');
    }
    const text = await slotText(page);
    const object = /^#(\d+) /.exec(text)?.[1] ?? '';
    expect(text).toContain('main.item');
    await page.keyboard.press('Enter');
    await soon(() => page.url()).toContain(`sel=${object}`);
    await soon(() => slotText(page)).toMatch(/born at event \d+, \d+ events and 1 cycle ago/);
    const view = await answerOf<{ born: number }>(['object', path, `#${object}`, '--at', 'end']);
    expect(await slotText(page)).toContain(`born at event ${view.born},`);
    await page.keyboard.press('0');
    await soon(() => page.url()).not.toContain('map=');
    await page.close();
  });

  test('zooms to what is brushed, goes through addresses by the wheel, and zooms to a span', async () => {
    const { page } = await open(`${viewing.url}#at=${marking}`);
    await waitForPosition(page, String(marking));
    await page.locator('.map-legend').waitFor();
    const box = await page.locator('.map').boundingBox();
    if (box === null) throw new Error('there is no map');
    const viewOf = (): number[] =>
      (/map=mark:(\d+):(\d+)/.exec(page.url()) ?? ['', '0', '0']).slice(1).map(Number);
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + 100, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await soon(() => viewOf()[0]).toBeGreaterThan(0);
    const [perRow, top] = viewOf();
    await page.mouse.wheel(0, 100);
    await soon(() => viewOf()).toEqual([perRow, top + 2 * perRow]);
    await page.getByRole('button', { name: 'all' }).click();
    await soon(() => viewOf()).toEqual([0, 0]);
    await page.mouse.dblclick(box.x + 100, box.y + 20);
    await soon(() => viewOf()[0]).toBeGreaterThan(0);
    await page.close();
  });

  test.each(['light', 'dark'] as const)(
    'has no serious barrier in %s, by any colour',
    async (colorScheme) => {
      const { page } = await open(`${viewing.url}#at=${marking}&sel=3&map=mark:4096:0`, {
        colorScheme,
      });
      await page.locator('.map-slot').waitFor();
      for (const by of ['mark', 'cycles', 'type']) {
        await page.getByLabel('colour by').selectOption(by);
        expect(await serious(page)).toEqual([]);
      }
      await page.close();
    },
  );

  test('shows names as text', async () => {
    const { page } = await open(`${viewing.url}#at=${marking}&map=type`);
    await soon(() => page.locator('.map-legend').textContent()).toContain('<img src=x onerror=');
    expect(await page.locator('.map-legend img').count()).toBe(0);
    await page.close();
  });

  test('draws the heap of a real recording, by every colour, and zooms to its slots', async () => {
    const { page } = await open(`${recorded.url}#at=400000&zoom=0-1000`);
    await waitForPosition(page, '400000');
    const { heap } = await answerOf<{ heap: { objects: number } }>([
      'state',
      trace.path,
      '--at',
      '400000',
    ]);
    const select = page.getByLabel('colour by');
    for (const by of ['mark', 'class', 'age', 'cycles', 'type', 'goroutine']) {
      await select.selectOption(by);
      await soon(async () => {
        const { released, idle, stack, tail, free, ...objects } = await legendOf(page);
        expect([released, free].every((count) => count > 0)).toBe(true);
        return Object.values(objects).reduce((sum, count) => sum + count, 0);
      }).toBe(heap.objects);
      await soon(() => coloursDrawn(page)).toBeGreaterThan(3);
    }
    const box = await page.locator('.map').boundingBox();
    if (box === null) throw new Error('there is no map');
    await page.keyboard.down('Control');
    for (let i = 0; i < 12; i += 1) {
      await page.mouse.move(box.x + 200, box.y + 40);
      await page.mouse.wheel(0, -100);
      await page.waitForTimeout(60);
    }
    await page.keyboard.up('Control');
    await page.locator('.map-slot').waitFor();
    await page.mouse.click(box.x + 201, box.y + 40);
    await page.close();
  });

  test('says that a recording does not tell which objects are grey', async () => {
    const { page } = await open(recorded.url);
    await page.getByText('looking through').waitFor({ state: 'detached' });
    await page.getByLabel('go to').fill('cycle:3');
    await page.keyboard.press('Enter');
    await page.locator('.event.here').getByText('GCMarkTerminated').waitFor();
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('it does not say which objects are grey').waitFor();
    await page.close();
  });

  test('has a table of all cycles, which lead to where they began and ended', async () => {
    const { page } = await open(recorded.url);
    await page.getByText('looking through').waitFor({ state: 'detached' });
    await page.keyboard.press('K');
    const rows = page
      .getByRole('table', { name: 'Cycles of the garbage collector' })
      .locator('tbody tr');
    await soon(() => rows.count()).toBe(24);
    const third = rows.nth(2);
    await third.getByRole('button', { name: '3', exact: true }).focus();
    await page.keyboard.press('Enter');
    await soon(() => page.locator('.event.here').textContent()).toContain('GCStarted n=3');
    await soon(() => third.getAttribute('aria-current')).toBe('true');
    await page.getByText('Here the collector is marking').waitFor();
    expect(await serious(page)).toEqual([]);
    await third.getByRole('button').nth(1).click();
    await soon(() => page.locator('.event.here').textContent()).toContain('GCMarkTerminated n=3');
    await page.close();
  });

  test('can be read on a telephone', async () => {
    const { page } = await open(`${viewing.url}#at=${marking}&sel=3&map=type:4096:0`, {
      viewport: { width: 390, height: 800 },
    });
    await page.locator('.map-slot').waitFor();
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider).toBe(0);
    expect(await serious(page)).toEqual([]);
    await page.close();
  });
});
