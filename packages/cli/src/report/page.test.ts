import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { whatIfPage } from './page.ts';
import { invented, scenario } from './study.testkit.ts';

const page = whatIfPage(invented([scenario(50), scenario(100)]));
const figuresOf = (html: string): { curves: { title: string; heap: number[] }[] } =>
  JSON.parse(/<script id="figures" type="application\/json">(.*?)<\/script>/.exec(html)?.[1] ?? '');

describe('the page', () => {
  test('asks for nothing outside itself', () => {
    expect(page).not.toMatch(/https?:\/\/|\bsrc=|\bhref=|@import|url\(|<link|<iframe/i);
    expect(page).toContain(`content="default-src 'none'; `);
  });

  test('is one well-formed document', () => {
    expect(page.startsWith('<!doctype html>')).toBe(true);
    for (const tag of [
      'html',
      'head',
      'body',
      'table',
      'tr',
      'td',
      'th',
      'script',
      'style',
      'ul',
    ]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0;
      expect([tag, page.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0]).toEqual([tag, opened]);
    }
  });

  test('has every figure in a table, recorded and simulated', () => {
    const rows = page.match(/<tr.*?<\/tr>/g) ?? [];
    const texts = rows.map((row) =>
      row
        .replace(/<[^>]+>/g, ' ')
        .replace(/ +/g, ' ')
        .trim(),
    );
    expect(texts).toContain('recorded, GOGC=100 6 24.5 - 20.0 9.00 3.00 2.00');
    expect(texts.find((text) => text.startsWith('GOGC=50 4 (3–5)'))).toBeDefined();
    expect(texts.find((text) => text.startsWith('GOGC=100 * '))).toBeDefined();
    expect(texts).toContain('2 200 5.00 12-&gt;13-&gt;7 14.0 0.10 0.20');
  });

  test('has a chart for each curve, and one of all', () => {
    expect(figuresOf(page).curves.map(({ title }) => title)).toEqual([
      'recorded, GOGC=100',
      'GOGC=50',
      'GOGC=100',
    ]);
    expect([...page.matchAll(/data-plot="(\w+)"/g)].map((m) => m[1])).toEqual([
      'all',
      '0',
      '1',
      '2',
    ]);
  });

  test('its scripts parse, and the library defines itself', () => {
    const scripts = [...page.matchAll(/<script(?: type="module")?>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBe(2);
    const context: Record<string, unknown> = { navigator: {}, devicePixelRatio: 1 };
    runInNewContext(`${scripts[0][1]};globalThis.kind = typeof uPlot`, context);
    expect(context['kind']).toBe('function');
    expect(() => new Function(scripts[1][1])).not.toThrow();
  });

  test('nothing in a file name or a warning becomes markup', () => {
    const evil = '</script><script>alert("1")</script><img onerror=x>&';
    const html = whatIfPage(invented([scenario(50)], { name: evil, warnings: [evil] }));
    expect(html).not.toContain('<img');
    expect(html.match(/<script/g)?.length).toBe(page.match(/<script/g)?.length);
    expect(html).toContain('&lt;/script&gt;&lt;script&gt;alert(&quot;1&quot;)');
  });
});
