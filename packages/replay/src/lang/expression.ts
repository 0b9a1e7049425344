/**
 * Expressions over a tape: what conditions, watchpoints and `print` are made of. See docs/adr/0011.
 *
 * `Expressions` compiles text for one tape, whose roots may have names. What it gives reads a value in
 * any moment of that tape, and says what a search for it has to look at.
 */
import { EVENT_NAMES, TAG_COUNT } from '@heaptape/schema';
import type { TapeFacts } from '../tapefacts.ts';
import { Compiler } from './compile.ts';
import { ExpressionError } from './errors.ts';
import type { Node } from './node.ts';
import { parseExpression } from './parse.ts';
import { type Moment, typeName, type Value, type ValueType } from './values.ts';

export interface Expression {
  readonly text: string;
  readonly type: ValueType;
  read(moment: Moment): Value;
  /**
   * By tag: 1 where the value can differ after such an event from what it was before. For an expression
   * about the events themselves: where it can be anything but false.
   */
  readonly kinds: Uint8Array;
  /** It says something of the event at hand, and not of the state alone. */
  readonly ofEvent: boolean;
  /** It needs the state at all. */
  readonly ofState: boolean;
  /** Once it holds it holds for good: a number never falls. */
  readonly grows: boolean;
}

export class Expressions {
  readonly #facts: TapeFacts;
  readonly #compiled = new Map<string, Expression>();

  constructor(facts: TapeFacts) {
    this.#facts = facts;
  }

  /** An expression of any type. Throws `ExpressionError`. */
  value(text: string): Expression {
    const known = this.#compiled.get(text);
    if (known !== undefined) return known;
    const node = new Compiler(this.#facts).compile(parseExpression(text));
    const { type, ofEvent, ofState, grows } = node;
    if (type.of === 'goroutine')
      throw new ExpressionError(0, 'a goroutine has no value', 'add .alive, .stack or .used');
    const kinds = ofEvent ? possible(node) : node.changedBy;
    const read = (moment: Moment): Value => node.read(moment);
    const expression = { text, type, read, kinds, ofEvent, ofState, grows: grows && !ofEvent };
    this.#compiled.set(text, expression);
    return expression;
  }

  /** An expression that holds or does not. Throws `ExpressionError`. */
  condition(text: string): Expression {
    const expression = this.value(text);
    if (expression.type.of === 'boolean') return expression;
    throw new ExpressionError(
      0,
      `a condition is true or false, not ${typeName(expression.type)}`,
      'compare it with something',
    );
  }
}

/** Tags after whose events the value need not be false. */
function possible(node: Node): Uint8Array {
  const kinds = new Uint8Array(TAG_COUNT);
  for (let tag = 0; tag < TAG_COUNT; tag += 1) {
    if (EVENT_NAMES[tag] === '' || node.known(tag) === false) continue;
    kinds[tag] = 1;
  }
  return kinds;
}
