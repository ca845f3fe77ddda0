/**
 * Receiving the filter list. Spec: docs/protocol/2-file-list.md, 2.3.2 and 2.3.6.
 * @module
 */
import { ExitCode, ProtocolError, RsyncError } from "../errors.js";
import { type Cursor, decodeByteString, readInt, take } from "../wire/index.js";
import type { Rule } from "./rule.js";
import { RuleParser } from "./rule-parser.js";
import type { RuleParserOptions } from "./rule-parser-options.js";

/** A received rule must be shorter. */
export const MAX_RULE_BYTES = 5120;
/** More rules than this from a peer are refused, so that it can not take all memory. */
export const MAX_RECEIVED_RULES = 100_000;

/** Reads one filter list, rule by rule. */
export class FilterListReader {
  readonly #protocol: number;
  readonly #parser: RuleParser;
  #received = 0;

  /** @param options `readFile` reads files that `.` rules name, which no rsync sends; leave it out to have none. */
  constructor(protocol: number, options: RuleParserOptions = {}) {
    this.#protocol = protocol;
    this.#parser = new RuleParser({ maxRules: MAX_RECEIVED_RULES, ...options });
  }

  /** The rules read so far, in order; borrowed. */
  get rules(): readonly Rule[] {
    return this.#parser.rules;
  }

  /**
   * Reads one rule; false when it was the end of the list.
   * @throws UNDERFLOW when the bytes do not suffice: the caller moves the cursor back, waits and calls again.
   * @throws ProtocolError for a bad length (exit 22), and with the exit code that the error has elsewhere for a rule
   *     that can not be read.
   */
  readRule(cursor: Cursor): boolean {
    const length = readInt(cursor);
    if (length === 0) return false;
    if (length < 0 || length >= MAX_RULE_BYTES) {
      throw new ProtocolError(
        `filter rule length: expected 0..${MAX_RULE_BYTES - 1}, got ${length}`,
        {
          exitCode: ExitCode.OutOfMemory,
        },
      );
    }
    const start = take(cursor, length);
    const text = decodeByteString(cursor.bytes, start, start + length);
    if (++this.#received > MAX_RECEIVED_RULES) {
      throw new ProtocolError(`more than ${MAX_RECEIVED_RULES} filter rules`);
    }
    this.#add(text);
    return true;
  }

  #add(text: string): void {
    try {
      if (this.#protocol >= 29) this.#parser.addRule(text);
      else this.#parser.addPattern("exclude", text);
    } catch (thrown) {
      const { exitCode, message } = RsyncError.from(thrown);
      throw new ProtocolError(message, { exitCode, cause: thrown });
    }
  }
}
