/**
 * Expressions of sersync's configuration: each must fit a whole path (spec 6, 1.2).
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import type { HidingRules } from "./hiding-rule.js";

const ASCII = /^[\x00-\x7f]*$/;
const decoder = new TextDecoder();

interface Expression {
  readonly text: string;
  readonly whole: RegExp;
}

/**
 * An expression is offered `path` and `/path`, and for a directory `path/` as well: sersync used one or another of these
 * spellings, depending on when and where it met the path. Names are offered as UTF-8 text.
 * @throws UsageError for an expression that is none.
 */
export function readExcludeRegex(texts: readonly string[]): HidingRules {
  const expressions = texts.map((text) => ({ text, whole: wholeExpression(text) }));
  return {
    kind: "excludeRegex",
    find: ({ path, isDirectory }) => {
      if (expressions.length === 0) return null;
      const shown = toText(path);
      const found = expressions.find((each) => fits(each, shown, isDirectory));
      return found?.text ?? null;
    },
  };
}

function fits({ whole }: Expression, path: string, isDirectory: boolean): boolean {
  return whole.test(path) || whole.test(`/${path}`) || (isDirectory && whole.test(`${path}/`));
}

/** An expression for the whole path; a dot means any character, as in the library that sersync was built with. */
function wholeExpression(text: string): RegExp {
  try {
    // By itself first: `a)|(b` is only an expression once it is put into parentheses.
    new RegExp(text, "s");
    return new RegExp(`^(?:${text})$`, "s");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`excludeRegex: expected an expression, got ${text} (${reason})`, {
      cause,
    });
  }
}

function toText(path: ByteString): string {
  return ASCII.test(path) ? path : decoder.decode(encodeByteString(path));
}
