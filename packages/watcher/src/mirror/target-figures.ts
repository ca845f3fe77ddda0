/**
 * What a target has got so far, for the status.
 * @module
 */
import type { LastError } from "../control/types.js";
import type { FailureClass, PushOutcome } from "../target/types.js";

/** Counts since the start of the process. */
export class TargetFigures {
  pushes = 0;
  failures = 0;
  files = 0;
  deleted = 0;
  bytes = 0;
  sentBytes = 0;
  matchedBytes = 0;
  lastError: LastError | null = null;
  /** Milliseconds since 1970. */
  lastSuccess: number | null = null;

  pushed({ files, deleted, bytes, sentBytes, matchedBytes, failed }: PushOutcome): void {
    this.pushes++;
    this.files += files;
    this.deleted += deleted;
    this.bytes += bytes;
    this.sentBytes += sentBytes;
    this.matchedBytes += matchedBytes;
    for (const message of failed.values()) {
      this.lastError = { at: new Date().toISOString(), failure: "path", message };
    }
  }

  succeeded(): void {
    this.lastSuccess = Date.now();
  }

  failed(failure: FailureClass, message: string): void {
    this.failures++;
    this.lastError = { at: new Date().toISOString(), failure, message };
  }
}
