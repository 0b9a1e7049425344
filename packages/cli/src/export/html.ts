/**
 * A tape as one file: the time-travel page with its tape inside, to open from disk or to attach to a report.
 *
 * 1. Everything is in the file. Its content security policy allows its own script and style, by their
 *    hashes, and workers made of its own text; nothing is fetched, not even from where it lies.
 * 2. The tape goes through one compressor as it is read, so memory does not grow with it. What must be known
 *    of all of it, the index, comes behind it.
 * 3. With `--from` and `--to` whole segments are taken, those with the events that were asked for, and the
 *    state before them.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflateRaw } from 'node:zlib';
import { beginningOf, cutOf, cutTape, type EncodedReader, positionOf } from '@heaptape/replay';
import { HeaptapeError } from '@heaptape/schema';
import { CARRIED, type CarriedIndex, headerOf, segmentFrame, snapshotFrame } from '@heaptape/web';
import { withTape } from '../input/tape.ts';
import { print } from '../io.ts';
import type { Write } from '../output/file.ts';
import { startTask } from '../report/progress.ts';
import { pageFiles } from '../view/files.ts';
import type { ExportRequest } from './source.ts';

/** Beyond so many bytes a file is a burden to whom it is sent. */
const MUCH_BYTES = 20e6;
const LEVEL = 6;
/** Bytes in a line of Base64: a multiple of 3. */
const LINE_BYTES = 48 * 1024;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (found) => ENTITIES[found] ?? found);

/** Script that cannot end the element it stands in: what could is in strings and patterns only. */
const inScript = (code: string): string =>
  code.replace(/<(?=\/script)/gi, '\\x3c').replaceAll('<!--', '\\x3c!--');

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

interface Parts {
  readonly style: string;
  readonly script: string;
  readonly worker: string;
  readonly template: string;
}

function partsOfPage(): Parts {
  const files = pageFiles();
  const text = (name: string): string => {
    const found = files.find((file) => file.name === name);
    if (found === undefined) throw new HeaptapeError('file-error', `the page lacks ${name}`);
    return new TextDecoder().decode(found.content);
  };
  return {
    style: text('page.css'),
    script: inScript(text('page.js')),
    worker: inScript(text('worker.js')),
    template: text('index.html'),
  };
}

/** The page's own HTML with style and script inside, cut where its body ends. */
function shell(name: string, { style, script, template }: Parts): readonly [string, string] {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const put = (text: string, [from, to]: readonly [string, string]): string => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    throw new HeaptapeError('file-error', `the page has no place for its own ${from}`);
  };
  const replacements: readonly (readonly [string, string])[] = [
    [
      '<meta charset="utf-8">',
      `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    ],
    ['<title>heaptape</title>', `<title>${escapeHtml(name)} – heaptape</title>`],
    ['<link rel="stylesheet" href="page.css">', `<style>${style}</style>`],
    ['<script type="module" src="page.js"></script>', `<script type="module">${script}</script>`],
  ];
  const [before, after] = replacements.reduce(put, template).split('</body>');
  return [before, `</body>${after}`];
}

/** Every frame of a tape, in the order of its index, whose lengths it fills in. */
function* framesOf(
  tape: EncodedReader,
  segments: number[],
  snapshots: number[],
  onEvents: (events: number) => void,
): Generator<Uint8Array> {
  for (const [i, { firstSeq, count }] of tape.segments.entries()) {
    const frame = segmentFrame(tape.encodedSegment(i));
    segments.push(frame.length);
    yield frame;
    onEvents(firstSeq + count - 1);
  }
  for (const seq of tape.snapshots) {
    const frame = snapshotFrame(tape.readSnapshot(seq));
    snapshots.push(frame.length);
    yield frame;
  }
}

/** Bytes as lines of Base64. */
async function writeBase64(chunks: AsyncIterable<Buffer>, write: Write): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + LINE_BYTES <= rest.length; at += LINE_BYTES) {
      await write(`${rest.toString('base64', at, at + LINE_BYTES)}\n`);
    }
    rest = rest.subarray(at);
  }
  await write(rest.toString('base64'));
}

interface Carried {
  readonly name: string;
  readonly tape: EncodedReader;
  readonly link: string;
}

async function writeTape(
  number: number,
  { name, tape, link }: Carried,
  write: Write,
  onEvents: (events: number) => void,
): Promise<void> {
  const segments: number[] = [];
  const snapshots: number[] = [];
  await write(`<script type="application/octet-stream" id="${CARRIED.bytes(number)}">`);
  await pipeline(
    Readable.from(framesOf(tape, segments, snapshots, onEvents)),
    createDeflateRaw({ level: LEVEL }),
    (chunks: AsyncIterable<Buffer>) => writeBase64(chunks, write),
  );
  const cut = cutOf(tape);
  const documents = cut === null ? {} : { cut };
  const header = headerOf(name, tape);
  const index: CarriedIndex = { header, segments, snapshots, documents, link };
  const json = JSON.stringify(index).replaceAll('<', '\\u003c');
  await write(
    `</script>\n<script type="application/json" id="${CARRIED.index(number)}">${json}</script>\n`,
  );
}

/** A position within the part that is carried. */
function placeIn(tape: EncodedReader, seq: number): number {
  if (seq >= beginningOf(tape) && seq <= tape.events) return seq;
  const part = `events ${beginningOf(tape) + 1} to ${tape.events}`;
  throw new HeaptapeError('bad-usage', `--at ${seq} is not in what is cut out: ${part}`);
}

async function writePage(
  { io, at, progress }: ExportRequest,
  tapes: readonly Omit<Carried, 'link'>[],
  write: Write,
): Promise<void> {
  const [{ name, tape }] = tapes;
  const link = at === undefined ? '' : `#at=${placeIn(tape, positionOf(tape, at))}`;
  const parts = partsOfPage();
  const [before, after] = shell(name, parts);
  await write(`${before}<script type="text/plain" id="${CARRIED.worker}">`);
  await write(`${parts.worker}</script>\n`);
  for (const [number, one] of tapes.entries()) {
    const task = startTask(io, progress, 'exporting', one.tape.events, 'events');
    try {
      const carried = { ...one, link: number === 0 ? link : '' };
      await writeTape(number, carried, write, (events) => task.update(events));
    } finally {
      task.end();
    }
  }
  await write(after);
}

export async function exportHtml(request: ExportRequest, write: Write): Promise<void> {
  const { io, file, from, to, compare } = request;
  let bytes = 0;
  const counted: Write = (text) => {
    bytes += Buffer.byteLength(text);
    return write(text);
  };
  await withTape(file, async (reader) => {
    const [first, last] = [from ?? '0', to ?? 'end'].map((text) => positionOf(reader, text));
    const tape = cutTape(reader, first, last);
    const one = { name: basename(file), tape };
    if (compare === undefined) return writePage(request, [one], counted);
    return withTape(compare, (other) =>
      writePage(request, [one, { name: basename(compare), tape: other }], counted),
    );
  });
  if (bytes <= MUCH_BYTES) return;
  const megabytes = (bytes / 1e6).toFixed(1);
  await print(
    io.stderr,
    `heaptape: the page has ${megabytes} MB, which is much to send: --from and --to cut it\n`,
  );
}
