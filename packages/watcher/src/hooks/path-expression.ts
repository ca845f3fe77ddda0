/**
 * Paths as regular expressions see them: text where they are UTF-8, a character per byte where not.
 * @module
 */
import { type ByteString, byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";

/** The text that an expression is tried on, and the way back for parts of it. */
export interface ExpressionSubject {
  text: string;
  toBytes: (part: string) => ByteString;
}

/** The subject for a path. */
export function expressionSubject(path: ByteString): ExpressionSubject {
  const text = Buffer.from(encodeByteString(path)).toString("utf8");
  if (byteStringFromText(text) === path) return { text, toBytes: byteStringFromText };
  return { text: path, toBytes: (part) => part };
}

/**
 * Whether one of the expressions fits the whole path; without expressions every path fits.
 * @throws SyntaxError for what is no expression
 */
export function createPathMatch(expressions: readonly string[]): (path: ByteString) => boolean {
  const whole = expressions.map((expression) => new RegExp(`^(?:${expression})$`, "s"));
  if (whole.length === 0) return () => true;
  return (path) => {
    const { text } = expressionSubject(path);
    return whole.some((expression) => expression.test(text));
  };
}
