/**
 * What hooks need of the mirror.
 * @module
 */
import type { PasswordSource } from "../config/settings.js";
import type { Logger } from "../log/logger.js";

/** Passed in by the mirror. */
export interface HookContext {
  stateDir: string;
  logger: Logger;
  /** Asked at each login, as the password may change. */
  readPassword: (source: PasswordSource) => Promise<string>;
}
