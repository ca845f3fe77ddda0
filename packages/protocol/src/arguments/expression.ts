/**
 * The conditions of the option table: a small part of JavaScript's expressions over the settings, compiled to a
 * function without `eval`.
 *
 *     e ? e : e   ||   &&   === !==   < <= > >=   !e   (e)   Math.min(e, e)   name   12   'text'   null true false
 *
 * Spec: docs/protocol/4-command.md, 1.
 * @module
 */

/** What the names of an expression stand for. */
export type Scope = Readonly<Record<string, unknown>>;

/** A compiled expression. @throws RangeError when a name is not in the scope. */
export type Expression = (scope: Scope) => unknown;

type Operator = (left: unknown, right: unknown) => unknown;

const COMPARISONS: Readonly<Record<string, Operator>> = {
  "===": (left, right) => left === right,
  "!==": (left, right) => left !== right,
  "<": (left, right) => Number(left) < Number(right),
  "<=": (left, right) => Number(left) <= Number(right),
  ">": (left, right) => Number(left) > Number(right),
  ">=": (left, right) => Number(left) >= Number(right),
};

const LITERALS: Readonly<Record<string, unknown>> = { null: null, true: true, false: false };

const TOKEN = /\s*(?:(\d+)|'([^']*)'|(Math\.min|\w+)|(===|!==|<=|>=|\|\||&&|[<>!?:(),]))/y;

interface Token {
  readonly kind: "number" | "text" | "name" | "symbol" | "end";
  readonly text: string;
}

/** @throws SyntaxError when `source` is not in the language above: a mistake in the table. */
export function compileExpression(source: string): Expression {
  return new Compiler(source).compile();
}

class Compiler {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  compile(): Expression {
    const expression = this.#choice();
    if (this.#peek().kind !== "end") throw this.#unexpected();
    return expression;
  }

  #choice(): Expression {
    const condition = this.#or();
    if (!this.#accept("?")) return condition;
    const yes = this.#choice();
    this.#expect(":");
    const no = this.#choice();
    return (scope) => (condition(scope) ? yes(scope) : no(scope));
  }

  #or(): Expression {
    const left = this.#and();
    if (!this.#accept("||")) return left;
    const right = this.#or();
    return (scope) => left(scope) || right(scope);
  }

  #and(): Expression {
    const left = this.#comparison();
    if (!this.#accept("&&")) return left;
    const right = this.#and();
    return (scope) => left(scope) && right(scope);
  }

  #comparison(): Expression {
    const left = this.#unary();
    const operator = Object.keys(COMPARISONS).find((symbol) => this.#accept(symbol));
    if (!operator) return left;
    const right = this.#unary();
    const compare = COMPARISONS[operator]!;
    return (scope) => compare(left(scope), right(scope));
  }

  #unary(): Expression {
    if (!this.#accept("!")) return this.#primary();
    const operand = this.#unary();
    return (scope) => !operand(scope);
  }

  #primary(): Expression {
    if (this.#accept("(")) {
      const inner = this.#choice();
      this.#expect(")");
      return inner;
    }
    const token = this.#peek();
    this.#next++;
    if (token.kind === "number") return constant(Number(token.text));
    if (token.kind === "text") return constant(token.text);
    if (token.kind === "name")
      return token.text === "Math.min" ? this.#minimum() : name(token.text);
    this.#next--;
    throw this.#unexpected();
  }

  #minimum(): Expression {
    this.#expect("(");
    const left = this.#choice();
    this.#expect(",");
    const right = this.#choice();
    this.#expect(")");
    return (scope) => Math.min(Number(left(scope)), Number(right(scope)));
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #accept(symbol: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "symbol" || text !== symbol) return false;
    this.#next++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol)) throw this.#unexpected();
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`unexpected "${this.#peek().text}" in the expression "${this.#source}"`);
  }
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const text = source.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      throw new SyntaxError(`unexpected "${text.slice(start)}" in the expression "${source}"`);
    const [, number, quoted, word, symbol] = match;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (quoted !== undefined) tokens.push({ kind: "text", text: quoted });
    else if (word !== undefined) tokens.push({ kind: "name", text: word });
    else tokens.push({ kind: "symbol", text: symbol! });
  }
  return [...tokens, { kind: "end", text: "" }];
}

function constant(value: unknown): Expression {
  return () => value;
}

function name(text: string): Expression {
  if (Object.hasOwn(LITERALS, text)) return constant(LITERALS[text]);
  return (scope) => {
    if (!Object.hasOwn(scope, text)) throw new RangeError(`the settings have no "${text}"`);
    return scope[text];
  };
}
