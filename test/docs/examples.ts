/**
 * Examples in the documents: commands that a reader can copy, and what they print.
 *
 * 1. A block fenced as `sh runnable` is a bash script. `sh runnable go` needs a Go toolchain too.
 * 2. A `text` block right behind it is what the script prints on stdout. A line `…` in it stands for
 *    lines left out.
 * 3. What is printed has to have the pasted shape: the same lines in the same order, once numbers,
 *    bars, curves and repeated rows are taken away. So a document shows a real run without breaking
 *    each time a figure moves.
 */

export interface Example {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly script: string;
  readonly needsGo: boolean;
  /** The pasted output: its text, and the offsets of it in the document. */
  readonly output: { readonly text: string; readonly from: number; readonly to: number } | null;
}

const RUNNABLE = /^```sh runnable( go)?\n([\s\S]*?)^```\n(?:\n*```text\n([\s\S]*?)^```$)?/gm;

/** The examples of a document, in order. */
export function examplesOf(document: string): Example[] {
  return [...document.matchAll(RUNNABLE)].map((match) => {
    const [whole, go, script = '', text] = match;
    const to = match.index + whole.length - '```'.length;
    return {
      line: document.slice(0, match.index).split('\n').length,
      script,
      needsGo: go !== undefined,
      output: text === undefined ? null : { text, from: to - text.length, to },
    };
  });
}

/** The document with the outputs of its examples replaced; null leaves one as it is. */
export function withOutputs(document: string, outputs: readonly (string | null)[]): string {
  let text = document;
  const examples = examplesOf(document);
  for (let i = examples.length - 1; i >= 0; i -= 1) {
    const { output } = examples[i];
    const fresh = outputs[i];
    if (output === null || fresh === null) continue;
    text = text.slice(0, output.from) + cut(fresh, output.text) + text.slice(output.to);
  }
  return text;
}

const ELISION = '…';

/** Prints as much of `fresh` as `pasted` shows before and behind its elision, columns lined up. */
function cut(fresh: string, pasted: string): string {
  const lines = linedUp(fresh.trimEnd().split('\n'));
  const shown = pasted.trimEnd().split('\n');
  const at = shown.indexOf(ELISION);
  if (at < 0) return `${lines.join('\n')}\n`;
  const tail = lines.slice(lines.length - (shown.length - at - 1));
  return `${[...lines.slice(0, at), ELISION, ...tail].join('\n')}\n`;
}

/** Columns between tabs, as a terminal would show them. */
function linedUp(lines: readonly string[]): string[] {
  const rows = lines.map((line) => line.split('\t'));
  const widthOf = (i: number): number => Math.max(...rows.map((row) => row[i]?.length ?? 0));
  const padded = (text: string, i: number): string => text.padEnd(widthOf(i));
  return rows.map((row) => (row.length === 1 ? row.join() : row.map(padded).join('  ').trimEnd()));
}

/** A line without what changes from run to run. */
function shapeOfLine(line: string): string {
  return line
    .replaceAll(/[─-╿⠀-⣿▀-▟*]+/g, ' ')
    .replaceAll(/\b[0-9a-f]{16}\b/g, '#')
    .replaceAll(/[+-]?\d[\d.,]*/g, '#')
    .replaceAll(/#\s?(?:ns|µs|ms|s)\b/g, '#')
    .replaceAll(/#\s?(?:B|kB|KiB|MB|MiB|GB|GiB)\b/g, '#')
    .replaceAll(/\(# ?– ?#\)/g, ' ')
    .replaceAll(/(?:#\s+)+#/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The lines of a text as shapes: without blank lines, repeats in a row told once. */
export function shapeOf(text: string): string[] {
  const shapes = text.split('\n').map((line) => (line === ELISION ? line : shapeOfLine(line)));
  const told = shapes.filter((shape) => shape !== '');
  return told.filter((shape, i) => shape !== told[i - 1]);
}

/** Whether printed lines have the pasted shape, where `…` stands for any lines. */
export function hasShape(printed: readonly string[], pasted: readonly string[]): boolean {
  const [first, ...rest] = pasted;
  if (first === undefined) return printed.length === 0;
  if (first === ELISION) {
    return rest.length === 0 || printed.some((_, i) => hasShape(printed.slice(i), rest));
  }
  return printed[0] === first && hasShape(printed.slice(1), rest);
}
