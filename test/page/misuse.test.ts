/** What happens to a tape while it is looked at, and tapes that are damaged: one clear line, never a blank page. */
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { heaptape, TRACE, temporaryFolder } from '../e2e/heaptape.testkit.ts';
import {
  hasChromium,
  importedTape,
  positionOf,
  recordProgram,
  soon,
  theBrowser,
  type Viewing,
  view,
  WHY_SKIPPED,
  waitForPosition,
} from './page.testkit.ts';

const folder = temporaryFolder();
const tape = importedTape(TRACE);
const running: Viewing[] = [];
afterAll(async () => {
  for (const viewing of running) expect(await viewing.end()).toBe(0);
});

const started = async (path: string): Promise<Viewing> => {
  const viewing = await view(path);
  running.push(viewing);
  return viewing;
};

/** A copy of the tape under another name. */
function copied(name: string): string {
  const path = `${folder}/${name}`;
  copyFileSync(tape.path, path);
  return path;
}

/** Writes over some bytes at a share of a file. */
function damage(path: string, share: number): void {
  const file = openSync(path, 'r+');
  const at = Math.floor(statSync(path).size * share);
  writeSync(
    file,
    Uint8Array.from({ length: 64 }, (_, i) => (i * 37) & 255),
    0,
    64,
    at,
  );
  closeSync(file);
}

describe('the command', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('ends well by %s', async (signal) => {
    const viewing = await view(tape.path);
    expect(await viewing.end(signal)).toBe(0);
  });

  test('several look at one tape, and it stays as it is', async () => {
    const before = readFileSync(tape.path);
    const [one, two] = await Promise.all([view(tape.path), view(tape.path)]);
    expect(one.port).not.toBe(two.port);
    for (const { url } of [one, two]) {
      const answer = await fetch(`${url}tape/0/segment/1`);
      expect(answer.status).toBe(200);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    }
    expect(await Promise.all([one.end(), two.end()])).toEqual([0, 0]);
    expect(Buffer.compare(readFileSync(tape.path), before)).toBe(0);
  });
});

describe.skipIf(!hasChromium)(`the page${WHY_SKIPPED}`, () => {
  const open = theBrowser(/status of 500|failed: |net::ERR/);

  test.each<[string, (path: string) => void]>([
    ['is damaged in its midst', (path) => damage(path, 0.5)],
    ['ends early', (path) => truncateSync(path, Math.floor(statSync(path).size * 0.6))],
  ])('of a tape that %s says so, and shows what is before', async (_, harm) => {
    const path = copied('damaged.tape');
    harm(path);
    const { url } = await started(path);
    const { page } = await open(`${url}#at=1000`);
    await waitForPosition(page, '1000');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/damaged/);
    await page.keyboard.press('ArrowRight');
    await waitForPosition(page, '1001');
    await page.keyboard.press('End');
    await soon(async () => Number(await positionOf(page))).toBeGreaterThan(10_000);
    await page.close();
  });

  test('goes on when its tape is deleted, or another is put in its place', async () => {
    const path = copied('moving.tape');
    const { url } = await started(path);
    const { page } = await open(url);
    await page.locator('.event').first().waitFor();
    recordProgram(`${folder}/new.tape`, 100, 500);
    renameSync(`${folder}/new.tape`, path);
    await page.keyboard.press('End');
    await waitForPosition(page, '935783');
    rmSync(path);
    await page.reload();
    await page.locator('.event').first().waitFor();
    await page.getByText('looking through').waitFor({ state: 'detached' });
    await page.keyboard.press('Home');
    await waitForPosition(page, '0');
    await page.keyboard.press('End');
    await waitForPosition(page, '935783');
    await page.close();
  });

  test('says that its server has gone, and stays', async () => {
    const viewing = await view(tape.path);
    const { page } = await open(viewing.url);
    await page.locator('.event').first().waitFor();
    await viewing.end();
    await page.keyboard.press('End');
    await soon(() => page.locator('.notice').textContent()).toMatch(/server of this page has gone/);
    expect(Number(await positionOf(page))).toBeLessThanOrEqual(935_783);
    await page.close();
  });

  test('shows the name of a file as text, served or in one file', async () => {
    const name = '<img src=x onerror=alert(1)>.tape';
    const path = copied(name);
    const { url } = await started(path);
    const out = `${folder}/named.html`;
    await heaptape(['export', path, '--format', 'html', '-o', out, '--to', '1000']);
    for (const address of [url, `file://${out}`]) {
      const { page } = await open(address);
      expect(await page.locator('h1').textContent()).toBe(`heaptape ${name}`);
      expect(await page.title()).toBe(`${name} – heaptape`);
      expect(await page.locator('img').count()).toBe(0);
      await page.close();
    }
  });
});
