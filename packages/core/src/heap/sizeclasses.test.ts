import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allocationClassOf,
  CLASS_BYTES,
  classForSize,
  hasMallocHeader,
  NUM_SIZE_CLASSES,
  nelemsFor,
  roundUpSize,
  sizeClasses,
  spanClassOf,
} from './sizeclasses.ts';

const LARGEST_CHECKED = 70000;

/** Two 8-byte multiples a line: the usable size of a noscan and of a pointerful request. */
const GO_PROGRAM = `package main

import (
	"bufio"
	"fmt"
	"os"
)

var bytesSink []byte
var pointersSink []*byte

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for n := 1; n <= ${LARGEST_CHECKED}; n++ {
		bytesSink = append([]byte(nil), make([]byte, n)...)
		pointers := 0
		if n%8 == 0 {
			pointersSink = append([]*byte(nil), make([]*byte, n/8)...)
			pointers = cap(pointersSink) * 8
		}
		fmt.Fprintln(w, n, cap(bytesSink), pointers)
	}
}
`;

/** The version of the Go toolchain on PATH, if there is one and it is 1.23 or newer. */
function goVersion(): string | undefined {
  try {
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
    return Number(/^go1\.(\d+)/.exec(version)?.[1]) >= 23 ? version : undefined;
  } catch {
    return undefined;
  }
}

function runGo(program: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'heaptape-sizeclasses-'));
  try {
    const file = join(dir, 'main.go');
    writeFileSync(file, program);
    return execFileSync('go', ['run', file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function rowOf(sizeClass: number) {
  const row = sizeClasses[sizeClass];
  if (row === undefined) throw new Error(`no class ${sizeClass}`);
  return row;
}

describe('the table', () => {
  it('has 68 rows, indexed by class, with growing slots in spans of whole pages', () => {
    expect(sizeClasses).toHaveLength(NUM_SIZE_CLASSES);
    expect(sizeClasses[0]).toEqual({ class: 0, bytes: 0, spanBytes: 0, objects: 0 });
    for (let c = 1; c < NUM_SIZE_CLASSES; c++) {
      const row = rowOf(c);
      expect(row.class).toBe(c);
      expect(row.bytes).toBeGreaterThan(rowOf(c - 1).bytes);
      expect(row.spanBytes % 8192).toBe(0);
      expect(row.objects).toBe(Math.floor(row.spanBytes / row.bytes));
      expect(row.bytes % 8).toBe(0);
    }
  });

  it("wastes as little as Go's generator allows: at most 12.5 % of a span's tail", () => {
    for (const row of sizeClasses.slice(1)) {
      expect((row.spanBytes - row.objects * row.bytes) / row.spanBytes).toBeLessThanOrEqual(0.125);
    }
  });

  it('has the totals of the published table', () => {
    const slots = sizeClasses.reduce((sum, row) => sum + row.bytes, 0);
    const pages = sizeClasses.reduce((sum, row) => sum + row.spanBytes / 8192, 0);
    const objects = sizeClasses.reduce((sum, row) => sum + row.objects, 0);
    expect([slots, pages, objects]).toEqual([372768, 168, 3474]);
  });
});

describe('classForSize', () => {
  it('is the smallest class that fits, for every small size', () => {
    for (let bytes = 0; bytes <= 32768; bytes++) {
      const found = classForSize(bytes);
      if (rowOf(found).bytes < bytes) expect.fail(`${bytes} bytes do not fit class ${found}`);
      if (found > 0 && rowOf(found - 1).bytes >= bytes && bytes > 0) {
        expect.fail(`${bytes} bytes fit a class below ${found}`);
      }
    }
    expect(() => classForSize(32769)).toThrow(/no size class/);
  });
});

describe('spanClassOf', () => {
  it('agrees with what mallocgc does, size by size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100000 }), fc.boolean(), (bytes, noscan) => {
        const got = allocationClassOf(bytes, noscan);
        expect(got.spanClass).toBe(spanClassOf(bytes, noscan));
        expect(got.spanClass & 1).toBe(noscan ? 1 : 0);
        expect(got.slotBytes).toBeGreaterThanOrEqual(bytes + (got.header ? 8 : 0));
        expect(got.sizeClass === 0).toBe(bytes > 32760);
        if (!got.tiny) {
          expect(got.slotBytes - (got.header ? 8 : 0)).toBe(roundUpSize(bytes, noscan));
        }
      }),
      { seed: 42, numRuns: 2000 },
    );
  });

  it.each([
    [1, true, 5, false, true, 16],
    [15, true, 5, false, true, 16],
    [16, true, 5, false, false, 16],
    [8, false, 2, false, false, 8],
    [512, false, 52, false, false, 512],
    [513, false, 54, true, false, 576],
    [513, true, 55, false, false, 576],
    [1024, false, 66, true, false, 1152],
    [32760, false, 134, true, false, 32768],
    [32760, true, 135, false, false, 32768],
    [32761, true, 1, false, false, 40960 - 8192],
    [32769, false, 0, false, false, 40960],
  ])('%i bytes, noscan %s', (bytes, noscan, spanClass, header, tiny, slotBytes) => {
    expect(allocationClassOf(bytes, noscan)).toMatchObject({ spanClass, header, tiny, slotBytes });
    expect(hasMallocHeader(bytes, noscan)).toBe(header);
  });

  it('refuses the size that has no slot', () => {
    expect(() => spanClassOf(0, true)).toThrow(/no span class/);
  });
});

describe('roundUpSize', () => {
  it('never shrinks, is monotonic and settles at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200000 }), fc.boolean(), (bytes, noscan) => {
        const up = roundUpSize(bytes, noscan);
        expect(up).toBeGreaterThanOrEqual(bytes);
        expect(roundUpSize(bytes + 1, true)).toBeGreaterThanOrEqual(roundUpSize(bytes, true));
        // 504 + 8 and the like: one more rounding may cross the header border, two never do.
        expect(roundUpSize(up, noscan)).toBe(up);
      }),
      { seed: 42, numRuns: 2000 },
    );
  });

  it('refuses what is not a size', () => {
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => roundUpSize(bad, true)).toThrow(/not a size in bytes/);
    }
  });

  it('is what a real Go toolchain does, for every size up to 70,000', (ctx) => {
    const version = goVersion();
    if (version === undefined) {
      console.warn('sizeclasses: no go of 1.23 or newer on PATH, comparison with real Go skipped');
      ctx.skip();
    }
    let lines = 0;
    for (const line of runGo(GO_PROGRAM).trim().split('\n')) {
      const [bytes, noscan, scan] = line.split(' ').map(Number);
      if (bytes === undefined) throw new Error(`bad line ${line}`);
      if (roundUpSize(bytes, true) !== noscan) {
        expect.fail(`${version}: ${bytes} noscan bytes give ${noscan}`);
      }
      if (scan !== 0 && roundUpSize(bytes, false) !== scan) {
        expect.fail(`${version}: ${bytes} pointerful bytes give ${scan}`);
      }
      lines++;
    }
    expect(lines).toBe(LARGEST_CHECKED);
  });
});

describe('nelemsFor', () => {
  // As read from the live spans of Go 1.26.8, built without and with Green Tea, for the classes of
  // up to 512 bytes, where metadata takes slots.
  // biome-ignore format: a table
  const scan122 = [1008, 504, 336, 252, 168, 126, 100, 84, 72, 63, 56, 50, 45, 42, 38, 36, 33, 31, 28, 25, 22, 21, 19, 18, 16, 15];
  // biome-ignore format: a table
  const scan126 = [1008, 496, 330, 248, 165, 124, 99, 82, 70, 62, 55, 49, 45, 41, 38, 35, 33, 31, 27, 24, 22, 20, 19, 17, 16, 15];

  it('takes the metadata off', () => {
    for (let c = 1; c < NUM_SIZE_CLASSES; c++) {
      const nominal = rowOf(c).objects;
      expect(nelemsFor(c * 2, 'go1.22')).toBe(scan122[c - 1] ?? nominal);
      expect(nelemsFor(c * 2, 'go1.26')).toBe(scan126[c - 1] ?? nominal);
      expect(nelemsFor(c * 2 + 1, 'go1.22')).toBe(nominal);
      // Green Tea's mark bits take as much of a noscan span as the bitmap takes of a scan span.
      expect(nelemsFor(c * 2 + 1, 'go1.26')).toBe(c === 1 ? 1024 : (scan122[c - 1] ?? nominal));
    }
  });

  it('gives a large object a span of its own', () => {
    expect(nelemsFor(0, 'go1.26')).toBe(1);
    expect(nelemsFor(1, 'go1.22')).toBe(1);
    expect(() => nelemsFor(136, 'go1.26')).toThrow(/no span class/);
    expect(CLASS_BYTES[67]).toBe(32768);
  });
});
