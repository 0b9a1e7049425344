/**
 * The answer of `heaptape whatif --json` on stdin, beside what real runs of the same work did.
 *
 *   heaptape whatif FILE --json | node test/docs/compare.mjs TRUTH.json
 */
import { readFileSync } from 'node:fs';

const MIB = 1024 * 1024;
const { truths } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { scenarios } = JSON.parse(readFileSync(0, 'utf8'));

const range = (values, text) => {
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
};
const band = ({ low, mid, high }, text) => `${text(mid)} (${text(low)}–${text(high)})`;
const mib = (bytes) => (bytes / MIB).toFixed(1);

const rows = [['GOGC', 'cycles predicted', 'cycles real', 'peak MiB predicted', 'peak MiB real']];
for (const { gogc, cycles, peakHeapBytes } of scenarios) {
  const runs = truths.find((truth) => truth.gogc === gogc)?.runs ?? [];
  rows.push([
    String(gogc),
    band(cycles, String),
    range(
      runs.map((run) => run.cyclesInTrace),
      String,
    ),
    band(peakHeapBytes, mib),
    range(
      runs.map((run) => run.peakHeapLive),
      mib,
    ),
  ]);
}
const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
for (const row of rows) {
  process.stdout.write(`${row.map((text, i) => text.padStart(widths[i])).join('   ')}\n`);
}
