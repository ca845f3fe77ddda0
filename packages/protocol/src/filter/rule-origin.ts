/**
 * Where the text of a rule came from, and how error messages name it: text that was typed is shown, text out of a file
 * is not (it may be any file's content). Spec: docs/protocol/4-command.md, 11.1.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** A place in a rule file; `null` stands for text given by the user or by the peer itself. */
export type RuleOrigin = FileOrigin | null;

/** A line of a rule file; `line` counts from 1 and is `null` in files that are split into words. */
export interface FileOrigin {
  /** The file's name, or words for it when the name itself came from a file. */
  readonly file: ByteString;
  readonly line: number | null;
  /** How many rule files led here, this one included. */
  readonly depth: number;
}

function place(origin: FileOrigin): ByteString {
  return origin.line === null ? origin.file : `${origin.file} line ${origin.line}`;
}

/** The rule as error messages show it. */
export function describeRule(text: ByteString, origin: RuleOrigin): ByteString {
  return origin === null ? text : `<rule from ${place(origin)}>`;
}

/** How the file called `name` in a rule from `origin` is named in messages. */
export function describeFile(name: ByteString, origin: RuleOrigin): ByteString {
  return origin === null ? name : `a file named at ${place(origin)}`;
}
