/**
 * Our OpenMetrics text against who reads and who writes such text: names and types of client_golang's default
 * Go collector (a list that is kept, and the collector itself where it is in Go's module cache), the
 * strict parser of Python's prometheus_client, and promtool. What is absent is skipped by name.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { exported, hasTool, memstatsOf, tapesOf } from './tapes.testkit.ts';

const CLIENT = 'github.com/prometheus/client_golang v1.25.0';
const KEPT = fileURLToPath(
  new URL('../fixtures/openmetrics/go-collector-1.25.0.txt', import.meta.url),
);
const HAS_PYTHON = hasTool(
  'python3',
  ['-c', 'import prometheus_client.openmetrics.parser'],
  'with prometheus_client: its strict parser is not asked',
);
const HAS_PROMTOOL = hasTool('promtool', ['--version'], 'metrics are not made into blocks');
const tapes = tapesOf();

/** A family of the collector whose name OpenMetrics has for another: see `gometrics.ts`. */
const CLASHING = 'go_memstats_alloc_bytes_total counter';

beforeAll(() => tapes.make());

/** Samples by name and labels, and families as `name type`, sample names for counters. */
function read(text: string): { samples: Map<string, number>; families: string[] } {
  const samples = new Map<string, number>();
  const families: string[] = [];
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) families.push(`${name}${type === 'counter' ? '_total' : ''} ${type}`);
    const [, sample, value] = /^([^# ]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (sample !== undefined) samples.set(sample, Number(value));
  }
  return { samples, families };
}

const metricsOf = async (tape: string, ...args: string[]): Promise<string> =>
  readFileSync(await exported(tapes, tape, 'openmetrics', ...args), 'utf8');

describe('names and types', () => {
  const kept = readFileSync(KEPT, 'utf8').trim().split('\n');

  test('are those of the collector, but for the one name that is there twice', async () => {
    const { families } = read(await metricsOf(tapes.trace));
    expect(kept).toContain(CLASHING);
    expect(families.sort()).toEqual(kept.filter((line) => line !== CLASHING).sort());
  });

  test('that are kept are those of the collector itself', ({ skip }) => {
    const source = join(tapes.folder, 'collector');
    mkdirSync(source);
    writeFileSync(join(source, 'go.mod'), `module collector\n\ngo 1.25\n\nrequire ${CLIENT}\n`);
    writeFileSync(
      join(source, 'main.go'),
      `package main

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

func main() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector())
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	for _, family := range families {
		fmt.Println(family.GetName(), strings.ToLower(family.GetType().String()))
	}
}
`,
    );
    const found = spawnSync('go', ['run', '.'], {
      cwd: source,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOSUMDB: 'off' },
    });
    skip(
      found.status !== 0,
      `${CLIENT} is not in Go's module cache: go mod download puts it there`,
    );
    expect(found.stdout.trim().split('\n').sort()).toEqual([...kept].sort());
  });
});

describe('values', () => {
  test.each([
    ['trace', 'end'],
    ['trace', 'cycle:5'],
    ['program', 'end'],
  ] as const)('of a %s at %s are those of MemStats', async (name, at) => {
    const { samples } = read(await metricsOf(tapes[name], '--at', at));
    const m = await memstatsOf(tapes[name], at);
    const pairs: [string, number][] = [
      ['go_memstats_alloc_bytes', m['Alloc']],
      ['go_memstats_alloc_bytes_total', m['TotalAlloc']],
      ['go_memstats_mallocs_total', m['Mallocs']],
      ['go_memstats_frees_total', m['Frees']],
      ['go_memstats_heap_inuse_bytes', m['HeapInuse']],
      ['go_memstats_next_gc_bytes', m['NextGC']],
      ['go_memstats_sys_bytes', m['Sys']],
      ['go_memstats_last_gc_time_seconds', m['LastGC'] / 1e9],
      ['go_gc_duration_seconds_count', m['NumGC']],
      ['go_gc_duration_seconds_sum', m['PauseTotalNs'] / 1e9],
    ];
    for (const [sample, value] of pairs) {
      expect([sample, samples.get(sample)]).toEqual([sample, value]);
    }
    expect([...samples.keys()].filter((key) => key.includes('quantile'))).toEqual(
      ['0.0', '0.25', '0.5', '0.75', '1.0'].map((q) => `go_gc_duration_seconds{quantile="${q}"}`),
    );
  });

  test('of a series have their times, from when the run is said to have begun', async () => {
    const text = await metricsOf(tapes.trace, '--at', 'cycles', '--epoch', '1700000000');
    const points = [...text.matchAll(/^go_memstats_mallocs_total (\d+) (\S+)$/gm)];
    const { NumGC, Mallocs } = await memstatsOf(tapes.trace, 'end');
    expect(points.length).toBe(NumGC + 1);
    const times = points.map(([, , time]) => Number(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(1_700_000_000);
    expect(Number(points.at(-1)?.[1])).toBe(Mallocs);
  });
});

describe('readers', () => {
  test.skipIf(!HAS_PYTHON)('of the strict kind take it', async () => {
    const script = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
for path in sys.argv[1:]:
    found = list(families(open(path).read()))
    print(len(found), sum(len(family.samples) for family in found))
`;
    const one = await exported(tapes, tapes.trace, 'openmetrics');
    const many = await exported(tapes, tapes.trace, 'openmetrics', '--at', 'cycles');
    const printed = execFileSync('python3', ['-c', script, one, many], { encoding: 'utf8' });
    expect(printed).toMatch(/^29 35\n29 \d+\n$/);
  });

  test.skipIf(!HAS_PROMTOOL)('of Prometheus make blocks of a series', async () => {
    const epoch = String(1_700_000_000);
    const path = await exported(
      tapes,
      tapes.trace,
      'openmetrics',
      '--at',
      'cycles',
      '--epoch',
      epoch,
    );
    const blocks = join(tapes.folder, 'blocks');
    execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', path, blocks]);
    expect(existsSync(blocks) && readdirSync(blocks).length).toBeGreaterThan(0);
    const checked = spawnSync('promtool', ['check', 'metrics'], {
      input: readFileSync(path)
        .toString()
        .replaceAll(/ 17\d+(\.\d+)?$/gm, ''),
    });
    expect(checked.stderr.toString()).not.toMatch(/error while linting: text format parsing/);
  });
});
