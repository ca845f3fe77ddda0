/**
 * Assignments of shell scripts, read as text: nothing is ever executed.
 * @module
 */
import type { Place, ProblemList } from "../problem.js";

/** A value: one text, or the words of an array with their keys (`[key]=word`). */
export interface ShellValue {
  readonly words: readonly { readonly key: string | null; readonly text: string }[];
  readonly isArray: boolean;
  readonly place: Place;
}

/** No script of settings is larger. */
const MAX_LENGTH = 1024 ** 2;

/**
 * The assignments of `names` that stand at the start of a line; a later one replaces an earlier one. Values that only a
 * shell could find out (`$(...)`) are noted as problems.
 */
export function shellAssignments(
  text: string,
  source: string,
  names: ReadonlySet<string>,
  problems: ProblemList,
  known: Map<string, ShellValue> = new Map(),
): Map<string, ShellValue> {
  if (text.length > MAX_LENGTH) {
    problems.add({ source, line: 1, column: 1 }, "the script is too large");
    return known;
  }
  const start =
    /^(?:(?:declare|typeset|export|readonly)(?: -[a-zA-Z]+)* )?([A-Za-z_][A-Za-z0-9_]*)=/gm;
  let line = 1;
  let counted = 0;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const name = match[1]!;
    while (counted < match.index) if (text[counted++] === "\n") line++;
    const place = { source, line, column: 1 };
    const reader = new ValueReader(text, start.lastIndex, known);
    const value = reader.read();
    if (names.has(name) && reader.complaint !== null)
      problems.add(place, `${name}: ${reader.complaint}`);
    known.set(name, { ...value, place });
    start.lastIndex = Math.max(reader.at, start.lastIndex);
  }
  return known;
}

class ValueReader {
  at: number;
  complaint: string | null = null;
  readonly #text: string;
  readonly #known: ReadonlyMap<string, ShellValue>;

  constructor(text: string, at: number, known: ReadonlyMap<string, ShellValue>) {
    this.#text = text;
    this.at = at;
    this.#known = known;
  }

  read(): Omit<ShellValue, "place"> {
    if (this.#text[this.at] !== "(")
      return { isArray: false, words: [{ key: null, text: this.#word(/[\s;&|()<>]/) }] };
    this.at++;
    const words: { key: string | null; text: string }[] = [];
    for (this.#skipBlank(); this.at < this.#text.length; this.#skipBlank()) {
      if (this.#text[this.at] === ")") {
        this.at++;
        return { isArray: true, words };
      }
      const before = this.at;
      words.push(this.#element());
      // A character that begins no word would be read for ever.
      if (this.at === before) this.at++;
    }
    this.complaint ??= "the list is not closed";
    return { isArray: true, words };
  }

  #element(): { key: string | null; text: string } {
    if (this.#text[this.at] !== "[") return { key: null, text: this.#word(/[\s()]/) };
    this.at++;
    const key = this.#word(/[\]\n]/);
    if (this.#text.startsWith("]=", this.at)) this.at += 2;
    else this.complaint ??= "expected [key]=value";
    return { key, text: this.#word(/[\s()]/) };
  }

  #skipBlank(): void {
    for (;;) {
      const character = this.#text[this.at];
      if (character === "#") {
        const end = this.#text.indexOf("\n", this.at);
        this.at = end < 0 ? this.#text.length : end;
      } else if (character !== undefined && /\s/.test(character)) this.at++;
      else return;
    }
  }

  #word(end: RegExp): string {
    let word = "";
    while (this.at < this.#text.length && !end.test(this.#text[this.at]!)) {
      const character = this.#text[this.at]!;
      if (character === "'") word += this.#single();
      else if (character === '"') word += this.#double();
      else if (character === "$" || character === "`") word += this.#variable();
      else if (character === "\\") {
        word += this.#text[this.at + 1] ?? "";
        this.at += 2;
      } else {
        word += character;
        this.at++;
      }
    }
    return word;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.at + 1);
    const close = end < 0 ? this.#text.length : end;
    if (end < 0) this.complaint ??= "a quote is not closed";
    const inside = this.#text.slice(this.at + 1, close);
    this.at = close + 1;
    return inside;
  }

  #double(): string {
    let inside = "";
    this.at++;
    while (this.at < this.#text.length) {
      const character = this.#text[this.at]!;
      if (character === '"') {
        this.at++;
        return inside;
      }
      if (character === "$" || character === "`") inside += this.#variable();
      else if (character === "\\" && /["$`\\]/.test(this.#text[this.at + 1] ?? "")) {
        inside += this.#text[this.at + 1]!;
        this.at += 2;
      } else {
        inside += character;
        this.at++;
      }
    }
    this.complaint ??= "a quote is not closed";
    return inside;
  }

  /** `$name`, `${name}` and `${name:-word}` of what was assigned before; everything else needs a shell. */
  #variable(): string {
    const rest = this.#text.slice(this.at, this.at + 256);
    const match =
      /^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}$`]*))?\})/.exec(rest);
    const value = match === null ? undefined : this.#known.get(match[1] ?? match[2]!);
    const text = value?.isArray === false ? value.words[0]!.text : match?.[3];
    if (text === undefined)
      this.complaint ??= `only a shell knows what ${JSON.stringify(rest.split(/[\s"']/, 1)[0])} is`;
    this.at += match?.[0].length ?? 1;
    return text ?? "";
  }
}
