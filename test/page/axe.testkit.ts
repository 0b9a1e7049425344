/** What stands in the way of people who use the page with other senses or other hands. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Serious findings of the accessibility check, in words. */
export async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Finding {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    const { axe: there } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: readonly Finding[] }> };
    };
    const { violations } = await there.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
