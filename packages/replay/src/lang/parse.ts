/**
 * From text to a tree: a Pratt parser.
 *
 * Every infix operator binds with a strength; the parser reads an operand, then goes on while the next
 * operator binds more strongly than the one it came from. From weak to strong: `||`, `&&`, the
 * comparisons (which do not chain), `+ -`, `* / %`, the prefixes `! -`, and `.name`, `[index]`, `(…)`
 * behind an operand.
 */
import { ExpressionError } from './errors.ts';
import { type Token, tokensOf, type Unit } from './tokens.ts';

export type Tree =
  | { readonly is: 'number'; readonly at: number; readonly value: number; readonly unit: Unit }
  | { readonly is: 'string'; readonly at: number; readonly text: string }
  | { readonly is: 'object'; readonly at: number; readonly ordinal: number }
  | { readonly is: 'name'; readonly at: number; readonly name: string }
  | { readonly is: 'prefix'; readonly at: number; readonly op: string; readonly of: Tree }
  | {
      readonly is: 'infix';
      readonly at: number;
      readonly op: string;
      readonly left: Tree;
      readonly right: Tree;
    }
  | { readonly is: 'field'; readonly at: number; readonly of: Tree; readonly name: string }
  | { readonly is: 'index'; readonly at: number; readonly of: Tree; readonly index: Tree }
  | {
      readonly is: 'call';
      readonly at: number;
      readonly name: string;
      readonly args: readonly Tree[];
    };

/** How strongly infix operators bind; those of one strength go from left to right. */
const STRENGTH: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ...['==', '!=', '<', '<=', '>', '>='].map((op): [string, number] => [op, 3]),
  ['+', 4],
  ['-', 4],
  ['*', 5],
  ['/', 5],
  ['%', 5],
]);
const COMPARISON = 3;
const PREFIX = 6;
/** Deepest nesting; the text is bounded too, so this is about the stack. */
const DEEPEST = 200;

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  whole(): Tree {
    const tree = this.#operation(0);
    const rest = this.#peek();
    if (rest.kind !== 'end') throw unexpected(rest);
    return tree;
  }

  #operation(weakest: number): Tree {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ExpressionError(this.#peek().at, 'nested too deeply');
    let left = this.#operand();
    for (;;) {
      const token = this.#peek();
      const strength = token.kind === 'operator' ? STRENGTH.get(token.text) : undefined;
      if (token.kind !== 'operator' || strength === undefined || strength <= weakest) break;
      this.#next += 1;
      const right = this.#operation(strength);
      left = { is: 'infix', at: token.at, op: token.text, left, right };
      if (strength === COMPARISON) this.#refuseChain();
    }
    this.#depth -= 1;
    return left;
  }

  #refuseChain(): void {
    const token = this.#peek();
    if (token.kind !== 'operator' || STRENGTH.get(token.text) !== COMPARISON) return;
    throw new ExpressionError(token.at, 'comparisons do not chain', "join two with '&&'");
  }

  #operand(): Tree {
    const token = this.#take();
    const { at } = token;
    switch (token.kind) {
      case 'number':
        return this.#behind({ is: 'number', at, value: token.value, unit: token.unit });
      case 'string':
        return this.#behind({ is: 'string', at, text: token.text });
      case 'object':
        return this.#behind({ is: 'object', at, ordinal: token.value });
      case 'name':
        if (this.#accept('(')) return this.#behind(this.#call(token.text, at));
        return this.#behind({ is: 'name', at, name: token.text });
      case 'operator':
        if (token.text === '(') {
          const inner = this.#operation(0);
          this.#expect(')');
          return this.#behind(inner);
        }
        if (token.text !== '!' && token.text !== '-') throw unexpected(token);
        return { is: 'prefix', at, op: token.text, of: this.#operation(PREFIX) };
      case 'end':
        throw unexpected(token);
    }
  }

  /** What may stand behind an operand: fields and indices. */
  #behind(operand: Tree): Tree {
    let tree = operand;
    for (;;) {
      const { at } = this.#peek();
      if (this.#accept('.')) {
        const name = this.#take();
        if (name.kind !== 'name') throw new ExpressionError(name.at, "a name goes behind '.'");
        tree = { is: 'field', at: name.at, of: tree, name: name.text };
      } else if (this.#accept('[')) {
        const index = this.#operation(0);
        this.#expect(']');
        tree = { is: 'index', at, of: tree, index };
      } else return tree;
    }
  }

  #call(name: string, at: number): Tree {
    const args: Tree[] = [];
    if (!this.#accept(')')) {
      do args.push(this.#operation(0));
      while (this.#accept(','));
      this.#expect(')');
    }
    return { is: 'call', at, name, args };
  }

  #peek(): Token {
    return this.#tokens[this.#next];
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  #accept(operator: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'operator' || token.text !== operator) return false;
    this.#next += 1;
    return true;
  }

  #expect(operator: string): void {
    if (this.#accept(operator)) return;
    const token = this.#peek();
    throw new ExpressionError(token.at, `'${operator}' is missing`);
  }
}

function unexpected(token: Token): ExpressionError {
  if (token.kind === 'end') return new ExpressionError(token.at, 'the expression ends too early');
  const text =
    token.kind === 'number' || token.kind === 'object' ? String(token.value) : token.text;
  return new ExpressionError(token.at, `unexpected '${text}'`);
}

/** Reads an expression. Throws `ExpressionError`. */
export function parseExpression(text: string): Tree {
  return new Parser(text).whole();
}
