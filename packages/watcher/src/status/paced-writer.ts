/**
 * Writes a file when something changed, but not more often than its readers need.
 * @module
 */
import { replaceFile } from "./atomic-file.js";

/** A file that follows what it shows. */
export interface PacedWriter {
  /** Something changed: the file is written soon, or, where that is enough, so long after the last time. */
  touch(intervalMs?: number): void;
  /** Writes what was not written yet and ends. */
  close(): Promise<void>;
}

export interface PacedFile {
  path: string;
  mode: number;
  /** Called when the file is written. */
  contents: () => Uint8Array;
  /** Told when it can not be written; the next change tries again. */
  failed: (error: unknown) => void;
  /** Least time between two writings. */
  intervalMs: number;
}

/** Creates a writer. Nothing runs while nothing changes. */
export function createPacedWriter(file: PacedFile): PacedWriter {
  let isDirty = false;
  let timer: NodeJS.Timeout | null = null;
  let dueAt = 0;
  let writing: Promise<void> = Promise.resolve();
  let lastAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  function write(): void {
    timer = null;
    isDirty = false;
    lastAt = performance.now();
    writing = writing
      .then(() => replaceFile(file.path, file.contents(), file.mode))
      .catch(file.failed);
  }

  return {
    touch(intervalMs = file.intervalMs) {
      isDirty = true;
      if (isClosed) return;
      const wantedAt = lastAt + intervalMs;
      if (timer !== null) {
        if (dueAt <= wantedAt) return;
        clearTimeout(timer);
      }
      dueAt = wantedAt;
      timer = setTimeout(write, Math.max(0, wantedAt - performance.now())).unref();
    },
    async close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      if (isDirty) write();
      await writing;
    },
  };
}
