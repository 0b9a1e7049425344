/** The VS Code extension: its manifest keeps VS Code's rules, and what it names is there and starts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './heaptape.testkit.ts';
import { writeProgramTape } from './program.testkit.ts';

interface Property {
  readonly type: string;
  readonly description: string;
  readonly default?: unknown;
}

interface Debugger {
  readonly type: string;
  readonly label: string;
  readonly languages: readonly string[];
  readonly runtime: string;
  readonly program: string;
  readonly configurationAttributes: {
    readonly launch: {
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, Property>>;
    };
  };
  readonly initialConfigurations: readonly Readonly<Record<string, unknown>>[];
  readonly configurationSnippets: readonly {
    readonly label: string;
    readonly body: Readonly<Record<string, unknown>>;
  }[];
}

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly engines: { readonly vscode: string };
  readonly categories: readonly string[];
  readonly main?: string;
  readonly contributes: {
    readonly languages: readonly {
      readonly id: string;
      readonly extensions?: readonly string[];
      readonly mimetypes?: readonly string[];
    }[];
    readonly grammars: readonly {
      readonly language: string;
      readonly scopeName: string;
      readonly path: string;
    }[];
    readonly breakpoints: readonly { readonly language: string }[];
    readonly debuggers: readonly Debugger[];
  };
}

const FOLDER = fileURLToPath(new URL('../../packages/vscode', import.meta.url));
const read = <T>(name: string): T => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;
const manifest = read<Manifest>('package.json');
const { contributes } = manifest;
const [adapter] = contributes.debuggers;

describe('the manifest', () => {
  test('names the extension as VS Code wants it', () => {
    expect(manifest.name).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    expect(manifest.publisher).toMatch(/^[a-z0-9][a-z0-9-]*$/i);
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(manifest.engines.vscode).toMatch(/^\^?\d+\.\d+\.\d+$/);
    expect(manifest.categories).toEqual(['Debuggers']);
    // It has no code of its own that runs within VS Code.
    expect(manifest.main).toBeUndefined();
  });

  test('names languages that it defines, and files that are there', () => {
    const ids = contributes.languages.map(({ id }) => id);
    const named = [
      ...adapter.languages,
      ...contributes.breakpoints.map(({ language }) => language),
      ...contributes.grammars.map(({ language }) => language),
    ];
    for (const id of named) expect(ids).toContain(id);
    expect(contributes.languages[0].extensions).toEqual(['.tape']);
    for (const { path, scopeName } of contributes.grammars) {
      expect(read<{ scopeName: string }>(path).scopeName).toBe(scopeName);
    }
    expect(existsSync(join(FOLDER, adapter.program))).toBe(true);
  });

  test('its configurations keep to their own schema', () => {
    const { required, properties } = adapter.configurationAttributes.launch;
    const all = [
      ...adapter.initialConfigurations,
      ...adapter.configurationSnippets.map(({ body }) => body),
    ];
    for (const { type, request, name, ...rest } of all) {
      expect([type, request, typeof name]).toEqual([adapter.type, 'launch', 'string']);
      for (const one of required) expect(Object.keys(rest)).toContain(one);
      for (const [key, value] of Object.entries(rest))
        expect(typeof value).toBe(properties[key].type);
    }
    for (const { type, description, default: usual } of Object.values(properties)) {
      expect(description).toMatch(/\.$/);
      if (usual !== undefined) expect(typeof usual).toBe(type);
    }
  });
});

describe('the grammar', () => {
  const { patterns } = read<{
    patterns: readonly {
      readonly match: string;
      readonly name?: string;
      readonly captures?: Readonly<Record<string, { readonly name: string }>>;
    }[];
  }>(contributes.grammars[0].path);

  test('knows the lines of a listing', () => {
    const [line, object, field] = patterns.map(({ match }) => new RegExp(match));
    expect(line.exec('  12  ObjectAllocated site=1 #2')?.[3]).toBe('ObjectAllocated');
    expect(line.exec('  12    SpanSwept page=2')?.[5]).toBe('SpanSwept');
    expect(line.exec('   0  the start of app.tape')?.[6]).toBe('  the start of app.tape');
    expect(object.exec('ObjectAllocated site=1 #2')?.[0]).toBe('#2');
    expect(field.exec('SpanSwept page=-2')?.slice(1)).toEqual(['page', '=', '-2']);
  });
});

test('what it starts speaks the protocol, with the arguments that it offers', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'app.tape');
  writeProgramTape(program);
  expect(adapter.runtime).toBe('node');
  const client = new DebugClient(process.execPath, join(FOLDER, adapter.program), adapter.type, {
    cwd: folder,
  });
  client.defaultTimeout = 60_000;
  await client.start();
  const configured = client.configurationSequence();
  const launched = await client.launch({
    ...adapter.initialConfigurations[0],
    program: 'app.tape',
    cwd: folder,
    at: 'cycle:1',
  });
  expect(launched.success).toBe(true);
  const stopped = client.waitForEvent('stopped', 60_000);
  await configured;
  expect((await stopped).body).toMatchObject({ reason: 'entry' });
  const { body } = (await client.evaluateRequest({
    expression: 'NumGC',
  })) as DebugProtocol.EvaluateResponse;
  expect(body.result).toBe('1');
  await client.stop();
});
