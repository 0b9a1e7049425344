/**
 * What must hold of every result that an importer calls good. Throws plain errors, which are findings.
 */
import { heapProblems, SCALAR } from '@heaptape/core';
import { foldTape } from '@heaptape/replay';

const must = (holds, what) => {
  if (!holds) throw new Error(`broken: ${what}`);
};
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

/** Every number in a report is finite and not negative, but for settings, where -1 is off. */
function checkNumbers(value, path) {
  if (typeof value === 'number') {
    must(Number.isFinite(value) && (value >= 0 || path.endsWith('.gogc')), `${path} is ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) checkNumbers(part, `${path}.${key}`);
  }
}

function mustRise(column, count, what) {
  for (let i = 1; i < count; i += 1)
    must(column.get(i) >= column.get(i - 1), `${what} falls at ${i}`);
}

/** A recording read from an execution trace. */
export function checkRecording(recording) {
  const { allocs, sites, types, cycles, counts, schedule, clock, startCount, durationNs } =
    recording;
  for (const [name, value] of Object.entries(counts))
    if (typeof value === 'number') must(isCount(value), `counts.${name} is ${value}`);
  must(durationNs >= 0 && Number.isFinite(durationNs), `a duration of ${durationNs}`);
  must(startCount <= allocs.count, 'more rows at the start than rows');
  must(counts.startObjects + counts.allocs === allocs.count, 'rows are objects and allocations');
  const freed = new Map();
  for (let row = 0; row < allocs.count; row += 1) {
    const by = allocs.freedBy.get(row);
    must(allocs.site.get(row) < sites.count, `row ${row} has no site`);
    must(
      by <= cycles.length || by === 0xffff,
      `row ${row} freed by cycle ${by} of ${cycles.length}`,
    );
    freed.set(by, (freed.get(by) ?? 0) + 1);
  }
  for (let site = 0; site < sites.count; site += 1) {
    must(sites.type[site] < types.count, `site ${site} has no type`);
    must(sites.scanBytes[site] <= sites.slotBytes[site], `site ${site} scans more than its slot`);
    must(sites.bytes[site] >= 0 && sites.scanBytes[site] >= 0, `site ${site} has negative bytes`);
  }
  mustRise(clock.timeNs, clock.count, 'the clock');
  mustRise(clock.row, clock.count, 'the clock row');
  mustRise(schedule.firstRow, schedule.count, 'the schedule');
  let row = 0;
  let time = 0;
  cycles.forEach((cycle, i) => {
    must(cycle.n === i + 1, `cycle ${i + 1} is called ${cycle.n}`);
    must(cycle.beginRow >= row && cycle.endRow >= cycle.beginRow, `rows of cycle ${cycle.n}`);
    must(cycle.startNs >= time && cycle.endNs >= cycle.startNs, `times of cycle ${cycle.n}`);
    must(cycle.endRow <= allocs.count, `cycle ${cycle.n} ends behind the rows`);
    checkNumbers(cycle, `cycle ${cycle.n}`);
    row = cycle.endRow;
    time = cycle.endNs;
  });
}

/** A heap dump. */
export function checkDump(dump) {
  const { objects, roots, goroutines, frames, counts, finalizers } = dump;
  checkNumbers(counts, 'counts');
  const { count, address, bytes, firstField, fieldOffset, fieldTarget } = objects;
  must(firstField.length === count + 1 && firstField[count] === fieldTarget.length, 'fields end');
  for (let object = 0; object < count; object += 1) {
    must(bytes[object] > 0, `object ${object} has no bytes`);
    if (object > 0)
      must(address[object] >= address[object - 1] + bytes[object - 1], 'objects overlap');
    for (let field = firstField[object]; field < firstField[object + 1]; field += 1) {
      must(fieldOffset[field] < bytes[object], `field outside of object ${object}`);
      must(fieldTarget[field] >= -1 && fieldTarget[field] < count, `field to no object ${object}`);
    }
  }
  for (let root = 0; root < roots.count; root += 1)
    must(roots.target[root] >= 0 && roots.target[root] < count, `root ${root} to no object`);
  for (const { goroutine } of frames)
    must(goroutine < goroutines.length, 'a frame of no goroutine');
  for (const { object } of finalizers)
    must(object >= -1 && object < count, 'a finalizer of no object');
}

/** An import: its report, and the tape that it wrote. */
export function checkImport({ report }, tape) {
  checkNumbers(report, 'report');
  must(report.events === tape.events, 'the report counts the events');
  const { world } = foldTape(tape);
  must(world.scalars[SCALAR.seq] === tape.events, 'all events fold');
  const [problem] = heapProblems(world);
  must(problem === undefined, problem);
}
