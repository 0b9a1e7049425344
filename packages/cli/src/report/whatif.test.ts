import { describe, expect, test } from 'vitest';
import { invented, scenario } from './study.testkit.ts';
import { bandText, whatIfText } from './whatif.ts';

const table = (text: string): string[] =>
  text.split('\n').slice(2, text.split('\n').indexOf('', 2));

describe('the table of a what-if', () => {
  test('recorded first, then a line a setting, the own one marked', () => {
    const text = whatIfText(invented([scenario(50), scenario(100)]), Number.POSITIVE_INFINITY);
    const [head, recorded, fifty, hundred, ...rest] = table(text);
    expect(rest).toEqual([]);
    expect(head.trim().split(/ {2,}/)).toEqual([
      'setting',
      'GC cycles',
      'peak heap MiB',
      'total memory MiB',
      'GC CPU %',
      'pauses ms',
      'longest ms',
      'assists ms',
    ]);
    expect(recorded).toMatch(/^recorded, GOGC=100 +6 +24\.5 +- +20\.0 +9\.00 +3\.00 +2\.00$/);
    expect(fifty).toMatch(
      /^GOGC=50 +4 \(3–5\) +25\.0 \(22\.5–30\.0\) .* 4\.00 +1\.00 \(0\.90–1\.20\)$/,
    );
    expect(hundred).toMatch(/^GOGC=100 \* /);
  });

  test.each([50, 80, 100, 120, 160])('%d columns are enough', (width) => {
    const text = whatIfText(invented([scenario(50), scenario(400)]), width);
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
    expect(text).toContain('GC cycles');
  });

  test('settings are named by what differs from the recording', () => {
    const changed = scenario(-1, { memoryLimit: 64 * 1024 * 1024, procs: 4, collector: 'classic' });
    const text = whatIfText(invented([scenario(100), changed]), Number.POSITIVE_INFINITY);
    expect(text).toContain('GOGC=off GOMEMLIMIT=64MiB GOMAXPROCS=4 classic');
    expect(text).toContain('GOGC=100 GOMEMLIMIT=off GOMAXPROCS=2 greentea *');
  });

  test('without a recording there is no such row, and warnings are told', () => {
    const { answer } = invented([scenario(50)]);
    const study = invented([], {
      answer: { ...answer, recorded: null },
      recordedSeries: [],
      warnings: ['GOGC was guessed'],
    });
    const text = whatIfText(study, 100);
    expect(text).not.toContain('recorded');
    expect(text).toContain('warning: GOGC was guessed\n');
  });

  test('what compaction moved, freed and cost has a table of its own', () => {
    const compaction = {
      runs: 4,
      objectsMoved: 1000,
      bytesMoved: 8 * 1024 * 1024,
      pointersUpdated: 0,
      pauseNs: 10e6,
      maxPauseNs: 4e6,
      pagesFreed: 512,
      fragmentationBefore: 0.25,
      fragmentationAfter: 0.05,
    };
    const text = whatIfText(
      invented([scenario(100, { compact: true, compaction }), scenario(50)]),
      Number.POSITIVE_INFINITY,
    );
    expect(text).toMatch(/\nGOGC=100 compacting +4 +2\.0 +1\.0 +25\.0 +5\.0 +2\.50 +4\.00\n/);
    expect(whatIfText(invented([scenario(50)]), 100)).not.toContain('compaction');
  });

  test('what marking touched is told for each KiB marked', () => {
    const misses = { l1Misses: 4096, l2Misses: 2048, tlbMisses: 1024 };
    const touches = {
      cycles: 2,
      marked: 1 << 20,
      touches: 9000,
      lines: 8192,
      pages: 512,
      ...misses,
    };
    const text = whatIfText(invented([scenario(100, { touches })]), Number.POSITIVE_INFINITY);
    expect(text).toMatch(/\nGOGC=100 greentea +2 +1\.0 +8\.00 +0\.50 +4\.00 +2\.00 +1\.00\n/);
  });

  test('a band of one value is one number', () => {
    expect(bandText({ low: 1.01, mid: 1, high: 1.04 }, (x) => x.toFixed(1))).toBe('1.0');
    expect(bandText({ low: 1, mid: 2, high: 4 }, String)).toBe('2 (1–4)');
  });
});
