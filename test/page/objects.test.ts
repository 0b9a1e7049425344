/** Objects, queues, goroutines and the pacer on the page, and names that are markup. */
import { openTape } from '@heaptape/log';
import { Travel } from '@heaptape/replay';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, TRACE, temporaryFolder } from '../e2e/heaptape.testkit.ts';
import { serious } from './axe.testkit.ts';
import { EVIL, writeObjectsTape } from './objects.testkit.ts';
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

interface Step {
  readonly id: number;
  readonly type: string;
  readonly word: number | null;
}

interface ObjectAnswer {
  readonly born: number;
  readonly died: number | null;
  readonly root: string;
  readonly retainers: readonly Step[];
  readonly history: readonly { readonly event: number; readonly what: string }[];
}

const PANELS = [
  'events',
  'goroutines',
  'pacer',
  'heapmap',
  'cycles',
  'memstats',
  'object',
  'queues',
] as const;
const KEYS: Readonly<Record<(typeof PANELS)[number], string>> = {
  events: 'e',
  goroutines: 'G',
  pacer: 'y',
  heapmap: 'H',
  cycles: 'K',
  memstats: 'M',
  object: 'i',
  queues: 'q',
};

/** Types an object into the inspector's field, with keys only. */
async function select(page: Page, text: string): Promise<void> {
  await page.keyboard.press('#');
  await page.getByRole('textbox', { name: 'Object', exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

const part = (page: Page, name: string | RegExp) => page.getByRole('region', { name });

describe.skipIf(!hasChromium)(`objects on the page${WHY_SKIPPED}`, () => {
  const folder = temporaryFolder();
  const path = `${folder}/objects.tape`;
  const open = theBrowser();
  let viewing: Viewing;
  /** Events of the tape at which something first holds. */
  const first = (...conditions: readonly string[]): number => {
    const reader = openTape(path);
    const travel = new Travel(reader);
    let event = 0;
    for (const condition of conditions) event = travel.runUntil(condition).position.event;
    reader.close();
    return event;
  };
  beforeAll(async () => {
    writeObjectsTape(path);
    viewing = await view(path);
  });
  afterAll(async () => {
    expect(await viewing.end()).toBe(0);
  });

  test('who keeps an object alive is what the command line says', async () => {
    const at = first('event.kind == GCStarted');
    const { page } = await open(`${viewing.url}#at=${at}`);
    await waitForPosition(page, String(at));
    for (const id of [4, 5, 6]) {
      await select(page, `#${id}`);
      await page.getByRole('heading', { name: new RegExp(`^#${id} `) }).waitFor();
      const answer = await answerOf<ObjectAnswer>(['object', path, `#${id}`, '--at', String(at)]);
      const steps = answer.retainers.map(
        ({ id: step, type, word }) => `#${step} ${type}${word === null ? '' : ` word ${word}`}`,
      );
      await soon(() => part(page, 'Kept alive by').locator('.path li').allTextContents()).toEqual([
        answer.root,
        ...steps,
      ]);
    }
    // The last one is a tiny block, which another tiny object lies in.
    await soon(() => part(page, 'Tiny block').textContent()).toContain('main.tiny');
    await page.close();
  });

  test('its birth, its death, its history, and back', async () => {
    const { born, died, history } = await answerOf<ObjectAnswer>(['object', path, '#8']);
    const { page } = await open(`${viewing.url}#at=${born + 20}&sel=8`);
    await waitForPosition(page, String(born + 20));
    await page.keyboard.press('B');
    await waitForPosition(page, String(born));
    await page.keyboard.press('Control+z');
    await waitForPosition(page, String(born + 20));
    await page.keyboard.press('D');
    await waitForPosition(page, String(died));
    await page.keyboard.press('i');
    await page.getByText(`The sweep at event ${died} found it white`).waitFor();
    const rows = part(page, /^History/).locator('tbody tr');
    await soon(() => rows.count()).toBe(history.length);
    await rows.nth(1).getByRole('button').click();
    await waitForPosition(page, String(history[1]?.event));
    await soon(() => rows.nth(1).getAttribute('class')).toBe('here');
    await page.close();
  });

  test('following pointers, and back and forward among what was selected', async () => {
    const at = first('event.kind == GCStarted');
    const { page } = await open(`${viewing.url}#at=${at}&sel=1&open=right:object`);
    const heading = page.getByRole('heading', { level: 2 });
    await soon(() => heading.textContent()).toBe('#1 main.node');
    await part(page, /^Pointers/)
      .getByRole('button', { name: '#2 main.node' })
      .click();
    await soon(() => heading.textContent()).toBe('#2 main.node');
    await page.keyboard.press('(');
    await soon(() => heading.textContent()).toBe('#1 main.node');
    await page.keyboard.press(')');
    await soon(() => heading.textContent()).toBe('#2 main.node');
    await select(page, '#2[1]');
    await soon(() => heading.textContent()).toBe('#3 main.node');
    await select(page, '#1.addr');
    await soon(() => heading.textContent()).toBe('#1 main.node');
    await select(page, 'nonsense (');
    await page.locator('#find-says').getByText('column').waitFor();
    await page.close();
  });

  test('finalizers are queued, run, hold up others, and are done', async () => {
    const due = first('event.kind == FinalizerQueued');
    const started = first('event.kind == FinalizerStarted');
    const returned = first('event.kind == FinalizerReturned');
    const { page } = await open(`${viewing.url}#at=${due - 1}&open=right:queues`);
    const finalizers = part(page, 'Finalizers due');
    const attached = part(page, 'Attached').locator('tbody tr');
    await waitForPosition(page, String(due - 1));
    await soon(() => attached.allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^#\d+ main\.file.*its object is dead: due when its span is swept$/),
        expect.stringMatching(/^#\d+ main\.file.*kept by finalizer of #\d+: has to wait/),
      ]),
    );
    await page.keyboard.press('ArrowRight');
    await soon(() => finalizers.textContent()).toContain('Finalizers due (1)');
    await page.getByLabel('go to').fill(String(started));
    await page.keyboard.press('Enter');
    await page.getByText('The finalizer goroutine runs the finalizer of').waitFor();
    await page.getByLabel('go to').fill(String(returned));
    await page.keyboard.press('Enter');
    await soon(() => part(page, 'Done').textContent()).toContain('finalizer ran');
    await page.getByLabel('go to').fill('-1');
    await page.keyboard.press('Enter');
    await page.getByText('The finalizer goroutine runs the finalizer of').waitFor();
    await page.close();
  });

  test('goroutines show their slots, which select', async () => {
    const at = first('cycle == 2');
    const { page } = await open(`${viewing.url}#at=${at}&open=left:goroutines`);
    const second = part(page, 'Goroutine 2');
    await second.getByRole('button', { name: /main\.node/ }).click();
    await soon(() => page.getByRole('heading', { level: 2 }).textContent()).toMatch(/main\.node$/);
    await page.getByText('goroutine 2 slot 1 keeps it alive, directly.').waitFor();
    await page.close();
  });

  test('the pacer shows the goal that the tape has, and that of another GOGC', async () => {
    const at = first('cycle == 5', 'event.kind == PacerCommitted');
    const { page } = await open(`${viewing.url}#at=${at}&open=left:pacer`);
    const goal = part(page, 'Heap goal');
    const value = (name: string) =>
      goal
        .getByRole('row', { name: new RegExp(`^${name} `) })
        .locator('td span')
        .getAttribute('title');
    await soon(() => value('goal in force')).toMatch(/^[\d,]+ B$/);
    expect(await value('committed here')).toBe(await value('goal in force'));
    const other = part(page, 'Under another GOGC');
    await other.getByRole('textbox').fill('1000');
    await soon(() => other.getByRole('row', { name: /^1000 / }).textContent()).toContain(
      '40.0 MiB',
    );
    await page.close();
  });

  test('names are text, whatever they are', async () => {
    const at = first('event.kind == GCStarted');
    const { page } = await open(`${viewing.url}#at=${at}&sel=5`);
    await waitForPosition(page, String(at));
    page.on('dialog', (dialog) => {
      throw new Error(`a name has run: ${dialog.message()}`);
    });
    for (const panel of PANELS) {
      await page.keyboard.press(KEYS[panel]);
      await page.locator(`#panel-${panel}`).waitFor();
      await page.waitForTimeout(300);
      expect(await page.locator('img').count()).toBe(0);
    }
    await page.keyboard.press('i');
    await page.getByRole('heading', { name: `#5 ${EVIL}` }).waitFor();
    await soon(() => part(page, /^Referred to by/).textContent()).toContain(`global ${EVIL}`);
    await page.keyboard.press('G');
    await part(page, 'Globals and other roots').getByText(`#5 ${EVIL}`).waitFor();
    await page.close();
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)('no serious barrier in %s, %i pixels wide', async (colorScheme, width) => {
    const at = first('event.kind == FinalizerStarted');
    const { page } = await open(`${viewing.url}#at=${at}&sel=5`, {
      colorScheme,
      viewport: { width, height: 800 },
    });
    await waitForPosition(page, String(at));
    for (const panel of PANELS) {
      await page.keyboard.press(KEYS[panel]);
      await page.locator(`#panel-${panel}`).waitFor();
      await page.waitForTimeout(200);
      expect(await serious(page)).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([panel, overflow]).toEqual([panel, 0]);
    }
    await page.close();
  });
});

describe.skipIf(!hasChromium)(`objects of a recording${WHY_SKIPPED}`, () => {
  const tape = importedTape(TRACE);
  const open = theBrowser();
  let viewing: Viewing;
  beforeAll(async () => {
    viewing = await view(tape.path);
  });
  afterAll(async () => {
    expect(await viewing.end()).toBe(0);
  });

  test('have no pointers, and the page says so', async () => {
    const { page } = await open(`${viewing.url}#at=200000&open=right:object,left:goroutines`);
    await waitForPosition(page, '200000');
    const { reader, travel } = ((reader) => ({ reader, travel: new Travel(reader) }))(
      openTape(tape.path),
    );
    travel.at({ event: 200_000, inside: 0 });
    const held = travel.world.objects
      .ordinals()
      .findLast((id) => travel.evaluate(`#${id}.held`).value);
    reader.close();
    await select(page, `#${held}`);
    await page.getByText('This tape has no pointers').waitFor();
    await part(page, 'Globals and other roots').getByText('objects are held').waitFor();
    await page.keyboard.press('q');
    await page.getByText('the program has set no finalizer').waitFor();
    expect(await positionOf(page)).toBe('200000');
    await page.close();
  });
});
