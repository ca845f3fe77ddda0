/**
 * A configuration that can not be used.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";

const EXIT_SYNTAX = 1;

/** A configuration that can not be used (exit 1). The client of a worker sees nothing but the end of the connection. */
export class ConfigError extends RsyncError {
  /** What was to be logged before the message. */
  readonly warnings: readonly ByteString[];

  constructor(
    message: ByteString,
    options?: { cause?: unknown; warnings?: readonly ByteString[] },
  ) {
    super(EXIT_SYNTAX, message, options);
    this.warnings = options?.warnings ?? [];
  }
}
