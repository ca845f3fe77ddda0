/**
 * What the parts of the mirror write their log through.
 * @module
 */
import type { LogLevel } from "../config/settings.js";

/**
 * Figures and names of a message, in the order in which they are shown. Paths come through `displayPath`, secrets never come;
 * `undefined` is left out.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Writes messages at or above its level. A message is a word or short sentence that never changes; what varies is in the fields. */
export interface Logger {
  /** Whether it is worth making a message of this level. */
  isEnabled(level: LogLevel): boolean;
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
}

const nothing = (): void => {};

/** Drops everything: for libraries whose user asked for no log. */
export const silentLogger: Logger = {
  isEnabled: () => false,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
};
