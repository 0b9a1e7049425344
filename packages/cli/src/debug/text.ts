/** Values, objects, events and places as the debugger words them, a line each. */
import { SCALAR } from '@heaptape/core';
import { type Expression, positionText, type Travel, type Value } from '@heaptape/replay';
import { describeEvent, EVENT_NAMES, type EventBatch } from '@heaptape/schema';
import { clean } from '../report/table.ts';
import { count, duration, size } from '../report/units.ts';
import type { Paint } from './paint.ts';

/** A value with its unit, and in full where that says more. */
export function valueText(travel: Travel, type: Expression['type'], value: Value): string {
  if (value === null) return 'nil';
  if (type.of === 'object' && typeof value === 'number') return objectText(travel, value);
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'boolean' || type.of !== 'number') return String(value);
  switch (type.unit) {
    case 'bytes':
      if (value >= Number.MAX_SAFE_INTEGER) return 'none';
      return value < 1024 ? `${value} B` : `${size(value)} (${value} B)`;
    case 'ns':
      return value < 1000 ? `${value} ns` : `${duration(value)} (${value} ns)`;
    case 'addr':
      return `0x${value.toString(16)}`;
    case 'count':
      return String(value);
  }
}

/** An object by ordinal and, once it is allocated, type. */
export function objectText(travel: Travel, object: number): string {
  const { world } = travel;
  const born = object < world.scalars[SCALAR.nextOrdinal];
  const type = born ? (world.siteNames[world.objects.siteOf(object)] ?? '') : '';
  return type === '' ? `#${object}` : `#${object} ${clean(type)}`;
}

/** Fields that say nothing to people. */
const HIDDEN = /^(?:bits|moves|place|config)=/;

/** An event as a line, without its number. */
export function eventText(travel: Travel, seq: number): string {
  let text = '';
  travel.eachEvent(seq, seq, (_, batch, at) => {
    text = eventLine(batch, seq - batch.firstSeq, at);
    return true;
  });
  return text;
}

/** The event `index` of a batch, whose arguments begin at `at`, as a line without its number. */
export function eventLine(batch: EventBatch, index: number, at: number): string {
  const [, name, ...fields] = describeEvent(batch, index, at).split(' ');
  const shown = fields.filter((one) => !HIDDEN.test(one) && one !== 'foundDead=0');
  return clean([name, ...shown].join(' '));
}

/** The object that the event here is about, where the event does not name it itself. */
function aboutText(travel: Travel): string {
  const { value } = travel.evaluate('event.object');
  if (typeof value !== 'number') return '';
  const { object } = travel.eventAt(travel.position.event);
  return object === value ? '' : ` (${objectText(travel, value)})`;
}

/** Where the session stands: the event that led there, and how far it is inside the next one. */
export function placeText(travel: Travel, paint: Paint): string {
  const { position, timeNs } = travel;
  const { event, inside } = position;
  const head = paint('bold', `event ${count(event)}`);
  const led =
    event === 0
      ? 'the start of the tape'
      : `${eventText(travel, event)}${inside === 0 ? aboutText(travel) : ''}`;
  const line = `${head} at ${duration(timeNs)}: ${led}\n`;
  if (inside === 0) return line;
  const changes = travel.inside();
  const { object, before, after } = changes[inside - 1];
  const turn = `${objectText(travel, object)} ${before} → ${after}`;
  const next = EVENT_NAMES[travel.kindAt(event + 1)];
  const where = paint('bold', positionText(position));
  return `${where}: object ${inside} of ${changes.length} inside event ${count(event + 1)} ${next}: ${turn}\n`;
}
