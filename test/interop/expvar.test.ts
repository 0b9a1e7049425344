/**
 * Real Go takes our MemStats for its own: decoded strictly and encoded again they are the same bytes, so
 * whatever reads `/debug/vars` reads them. Skipped where there is no go.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { exported, hasTool, memstatsOf, tapesOf } from './tapes.testkit.ts';

const HAS_GO = hasTool('go', ['version'], 'MemStats are not shown to expvar');
const tapes = tapesOf();

/** Prints the variable, the page, and the names of its own MemStats in the order of expvar. */
const PROGRAM = `package main

import (
	"bytes"
	"encoding/json"
	"expvar"
	"fmt"
	"os"
	"runtime"
)

func strict(path string, into any) {
	text, err := os.ReadFile(path)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		err = d.Decode(into)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, path, err)
		os.Exit(1)
	}
}

func main() {
	var alone runtime.MemStats
	strict(os.Args[1], &alone)
	again, _ := json.Marshal(&alone)
	var page struct {
		Cmdline  []string         \`json:"cmdline"\`
		Memstats runtime.MemStats \`json:"memstats"\`
	}
	strict(os.Args[2], &page)
	whole, _ := json.Marshal(&page.Memstats)
	names := []string{}
	d := json.NewDecoder(bytes.NewReader([]byte(expvar.Get("memstats").String())))
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			break
		}
		if delim, ok := t.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				depth++
			} else {
				depth--
			}
			continue
		}
		if name, ok := t.(string); ok && depth == 1 {
			names = append(names, name)
		}
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"alone": string(again), "page": string(whole), "cmdline": page.Cmdline, "names": names,
	})
}
`;

interface Printed {
  readonly alone: string;
  readonly page: string;
  readonly cmdline: readonly string[];
  readonly names: readonly string[];
}

describe.skipIf(!HAS_GO)('expvar', () => {
  let program = '';
  beforeAll(async () => {
    await tapes.make();
    const source = join(tapes.folder, 'expvar');
    mkdirSync(source);
    writeFileSync(join(source, 'main.go'), PROGRAM);
    writeFileSync(join(source, 'go.mod'), 'module expvarcheck\n\ngo 1.23\n');
    program = join(source, 'check');
    execFileSync('go', ['build', '-o', program], { cwd: source });
  });

  test.each([
    ['trace', 'cycle:7'],
    ['trace', '1'],
    ['program', 'end'],
    ['dump', 'end'],
  ] as const)('prints the MemStats of a %s at %s as we do', async (name, at) => {
    const alone = await exported(tapes, tapes[name], 'memstats', '--at', at);
    const page = await exported(tapes, tapes[name], 'expvar', '--at', at);
    const printed = JSON.parse(
      execFileSync(program, [alone, page], { encoding: 'utf8' }),
    ) as Printed;
    const text = readFileSync(alone, 'utf8');
    expect(`${printed.alone}\n`).toBe(text);
    expect(printed.page).toBe(printed.alone);
    expect(printed.cmdline).toEqual(['heaptape', 'export', tapes[name]]);
    const ours = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(ours)).toEqual(printed.names);
    expect(ours).toEqual(await memstatsOf(tapes[name], at));
    expect(readFileSync(page, 'utf8')).toMatch(
      /^\{\n"cmdline": \[.*\],\n"memstats": \{.*\}\n\}\n$/,
    );
  });
});
