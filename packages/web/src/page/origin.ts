/**
 * Where the page has its tapes and its worker from: from a server, or from itself.
 *
 * A page that carries its tapes opens from disk, where workers cannot be files: its worker is made of text
 * that it carries, too. The bytes of a tape are made a blob once; workers read parts of it, and it is not
 * copied for them.
 */
import { CARRIED, type CarriedIndex } from '../wire/carried.ts';
import { ROUTES, type TapeListing } from '../wire/routes.ts';
import type { TapePlace } from '../worker/jobs/open.ts';

export interface Origin {
  newWorker(): Worker;
  /** The tape, and the one to compare it with. */
  places(): Promise<readonly TapePlace[]>;
  /** The address that the page opens with where it has none. */
  readonly link: string;
}

const served: Origin = {
  newWorker: () => new Worker('worker.js'),
  places: async () => {
    const base = document.baseURI;
    const response = await fetch(new URL(ROUTES.tapes, base));
    if (!response.ok) throw new Error(`the server answers with status ${response.status}`);
    const tapes = (await response.json()) as readonly TapeListing[];
    return tapes.map((_, tape) => ({ tape, base }));
  },
  link: '',
};

/** Characters that are decoded at once; lines are shorter. */
const PIECE = 1 << 20;

function bytesIn(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function* decoded(text: string): Generator<Uint8Array<ArrayBuffer>> {
  for (let from = 0; from < text.length; ) {
    const line = text.indexOf('\n', from + PIECE);
    const to = line < 0 ? text.length : line;
    yield bytesIn(atob(text.slice(from, to)));
    from = to + 1;
  }
}

/** Takes an element out of the page; its text is no longer held by it. */
function taken(id: string): string {
  const element = document.getElementById(id);
  const text = element?.textContent ?? '';
  element?.remove();
  return text;
}

async function bytesOf(tape: number): Promise<Blob> {
  const pieces = decoded(taken(CARRIED.bytes(tape)));
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      const { done, value } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  try {
    const whole = compressed.pipeThrough(new DecompressionStream('deflate-raw'));
    return await new Response(whole).blob();
  } catch {
    throw new Error('the tape in this page is damaged: the file did not arrive whole');
  }
}

function carrying(): Origin {
  const indexes: CarriedIndex[] = [];
  for (;;) {
    const text = taken(CARRIED.index(indexes.length));
    if (text === '') break;
    indexes.push(JSON.parse(text) as CarriedIndex);
  }
  const code = new Blob([taken(CARRIED.worker)], { type: 'text/javascript' });
  const address = URL.createObjectURL(code);
  return {
    newWorker: () => new Worker(address),
    places: () =>
      Promise.all(
        indexes.map(
          async (index, tape): Promise<TapePlace> => ({
            index,
            bytes: await bytesOf(tape),
          }),
        ),
      ),
    link: indexes[0]?.link ?? '',
  };
}

/** Says where this page is from. */
export const origin = (): Origin =>
  document.getElementById(CARRIED.worker) === null ? served : carrying();
