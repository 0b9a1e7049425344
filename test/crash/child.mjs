/**
 * The process that is killed: writes a part of the known stream and says on stdout how far it is.
 *
 *   node test/crash/child.mjs '{"known":…,"path":…,"threaded":…,"appendTo":…,"snapshots":…,"limit":…}'
 *
 * Lines: `start`, `open`, `committed SEGMENTS SNAPSHOTS` as often as it grows, `closing`, `closed`, and `at
 * NS NS`, when it was opened and closed on the clock that all processes share. After an error: `error CODE MESSAGE`, then `onError` says whether to `exit` at once, `close` or `abort`.
 * A threaded writer does not say what is on disk; but of what it was asked at most `IN_FLIGHT` requests
 * are still on their way, so whatever was asked before those is.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openTapeWriter, openThreadedTapeWriter } from '@heaptape/log';
import { HeaptapeError } from '@heaptape/schema';
import { openKnown } from './known.mjs';
import { openMigrating, stayReading } from './migrating.mjs';

const IN_FLIGHT = 8;

const task = JSON.parse(process.argv[2]);
const say = (line) => writeSync(1, `${line}\n`);

/** Runs `step`; a typed error is said and ends the process as asked, anything else is a crash. */
function attempt(writer, step) {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
    say(`error ${error.code} ${JSON.stringify(error.message)}`);
    if (writer === undefined || task.onError === 'exit') process.exit(3);
    try {
      if (task.onError === 'close') {
        writer.close();
        say('closed');
      } else writer.abort();
    } catch (again) {
      if (!(again instanceof HeaptapeError)) throw again;
      say(`error ${again.code} ${JSON.stringify(again.message)}`);
    }
    process.exit(3);
  }
}

const known = openKnown(task.known);
const limit = Math.min(task.limit ?? known.count, known.count);
const plain = task.migrating ? openMigrating : openTapeWriter;
const open = task.threaded ? openThreadedTapeWriter : plain;
say('start');
const writer = attempt(undefined, () =>
  open(task.path, {
    appendTo: task.appendTo,
    compress: task.compress,
    durability: task.durability,
  }),
);
say('open');
const opened = process.hrtime.bigint();

/** What was asked, oldest first: [segments, snapshots] after each request. */
const asked = [];
const behind = task.threaded ? IN_FLIGHT : 0;
const done = (segments, snapshots) => {
  asked.push([segments, snapshots]);
  if (asked.length <= behind) return;
  const [sure, kept] = asked.shift();
  say(`committed ${sure} ${kept}`);
};
let snapshots = 0;
/** A reader with a state that soon is an old one. */
let held;
const first = known.reader.segments.findIndex(({ firstSeq }) => firstSeq === writer.events + 1);
for (let i = first < 0 ? known.count : first; i < limit; i += 1) {
  attempt(writer, () => known.append(writer, i));
  done(i + 1, snapshots);
  if (task.held && held === undefined) held = stayReading(writer.file);
  if (task.snapshots && attempt(writer, () => known.snapshot(writer, i))) {
    snapshots += 1;
    done(i + 1, snapshots);
  }
  if (task.documents && i % 5 === 0) {
    attempt(writer, () => writer.putDocument('progress', { segments: i + 1 }));
    done(i + 1, snapshots);
  }
  if (task.pauseMs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, task.pauseMs);
  if (task.bulkMiB) {
    // Much that is new each time: the log is moved into the file while the tape is written.
    const text = randomBytes(task.bulkMiB << 19).toString('hex');
    attempt(writer, () => writer.putDocument('bulk', text));
  }
}
if (task.dies) process.kill(process.pid, 'SIGKILL');
say('closing');
attempt(writer, () => writer.close());
say('closed');
// A threaded writer opens the tape later.
if (!task.threaded) say(`at ${opened} ${process.hrtime.bigint()}`);
