/**
 * Logs altered by their lines and numbers: lines are dropped, repeated and shuffled, strange ones come in, and
 * numbers become extreme ones or what only looks like a number.
 */
const EXTREMES = [
  '0',
  '1',
  '-1',
  '00',
  '0.0001',
  '1e9',
  '1e999',
  'NaN',
  '+Inf',
  '0x10',
  '',
  '.',
  '1.',
  '.5',
  '1.2.3',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
  '18446744073709551616',
  '9'.repeat(40),
  `0.${'9'.repeat(40)}`,
  '9'.repeat(400),
  '\u0661\u0662',
];
const LINES = [
  'gc 1 @',
  'gc 1 @0.001s 1%:',
  'scav 1 KiB work',
  'pacer: ',
  'GC forced',
  '\r',
  '\0',
  '\ufeff',
  '',
  'gc 3 @0.006s 5%: 0.021+0.36+0.004 ms clock, 0.043+0.10/0.28/0+0.008 ms cpu, 4->4->0 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)',
  'gc 9 @1.000s 5% (checking for goroutine leaks): 0.021+0.36+0.004 ms clock, 0.043+0.10/0.28/0+0.008 ms cpu, 4->4->0 MB, 4 MB goal, 2 P',
];
const MOST_CHARACTERS = 15_000_000;
const pick = (list, draw) => list[draw(list.length)];

function replaceNumber(line, draw, put) {
  const places = [...line.matchAll(/\d+(?:\.\d+)?/g)];
  if (places.length === 0) return line;
  const { index, 0: old } = pick(places, draw);
  return line.slice(0, index) + put + line.slice(index + old.length);
}

/** Applies `alter` to one line. */
function onLine(lines, draw, alter) {
  const at = draw(lines.length);
  return lines.with(at, alter(lines[at]));
}

const ALTERATIONS = {
  extremeNumber: (lines, draw) =>
    onLine(lines, draw, (line) => replaceNumber(line, draw, pick(EXTREMES, draw))),
  extremeNumbers: (lines, draw) =>
    lines.map((line) => (draw(3) === 0 ? replaceNumber(line, draw, pick(EXTREMES, draw)) : line)),
  digits: (lines, draw) =>
    onLine(lines, draw, (line) =>
      replaceNumber(line, draw, pick('123456789', draw).repeat(1 + draw(25))),
    ),
  dropLines: (lines, draw) => lines.toSpliced(draw(lines.length), 1 + draw(4)),
  repeatLines: (lines, draw) => {
    const from = draw(lines.length);
    return lines.toSpliced(draw(lines.length), 0, ...lines.slice(from, from + 1 + draw(6)));
  },
  shuffleLines: (lines, draw) => {
    const copy = lines.slice();
    for (let i = copy.length - 1; i > 0; i -= 1) {
      const j = draw(i + 1);
      [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
  },
  interleave: (lines, draw) => {
    const line = pick(lines, draw);
    return onLine(lines, draw, (other) => {
      const cut = draw(other.length + 1);
      return other.slice(0, cut) + line.slice(draw(line.length + 1)) + other.slice(cut);
    });
  },
  breakLine: (lines, draw) =>
    onLine(lines, draw, (line) => {
      const cut = draw(line.length + 1);
      return (
        line.slice(0, cut) + pick(['\n', '\r', '\r\n', '\u2028', '\0'], draw) + line.slice(cut)
      );
    }),
  dropPart: (lines, draw) =>
    onLine(lines, draw, (line) => {
      const parts = line.split(' ');
      parts.splice(draw(parts.length), 1 + draw(3));
      return parts.join(' ');
    }),
  otherLine: (lines, draw, others) =>
    lines.toSpliced(
      draw(lines.length + 1),
      0,
      draw(2) === 0 ? pick(LINES, draw) : pick(others, draw),
    ),
  longLine: (lines, draw) =>
    onLine(
      lines,
      draw,
      (line) => line + pick([' ', '9', '1/', '+0.1', 'gc '], draw).repeat(draw(60_000)),
    ),
  manyLines: (lines, draw) => {
    const line = pick(lines, draw);
    const count = Math.min(draw(3000), Math.floor(300_000 / (line.length + 1)));
    const numbered = Array.from({ length: count }, (_, i) => line.replace(/\d+/, String(i)));
    return lines.toSpliced(draw(lines.length), 0, ...numbered);
  },
};

/** Alterations of bytes, as `mutate.mjs` has them. */
export const LOG_KINDS = Object.entries(ALTERATIONS).map(([name, alter]) => {
  const kind = (bytes, draw, others) => {
    const lines = bytes.toString('utf8').split('\n');
    const altered = alter(lines, draw, pick(others, draw).toString('utf8').split('\n'));
    return Buffer.from(altered.join('\n').slice(0, MOST_CHARACTERS));
  };
  return Object.defineProperty(kind, 'name', { value: name });
});

/** Lines of the runtime's other logs. */
export const OTHER_LOG = `pacer: assist ratio=+0.81 (scan 0 MB in 3->4 MB) workers=0+0.25
pacer: assist ratio=0.81 (scan 0 MB in 3->4 MB) workers=0+0.25
pacer: 59% CPU (25 exp.) for 345600+2048+153514 B work (153514 B exp.) in 4005888 B -> 4595712 B (\u2206goal 401408, cons/mark 0)
pacer: 25% CPU (25 exp.) for 1+2+3 B work (6 B exp.) in 4005888 B -> 4595712 B (\u2206goal -401408, cons/mark 1.5e-07)
pacer: sweep done at heap size 4MB; allocated 0MB during sweep; swept 561 pages at 0.00028 pages/byte
scav 10 KiB work (bg), 20 KiB work (eager), 300 KiB now, 50% util
scav 0 KiB work (bg), 0 KiB work (eager), 4 KiB now, 100% util (forced)
scav 1 KiB work (bg), 0 KiB work (eager), 4 KiB now, 99% util [controller reset]
`;
