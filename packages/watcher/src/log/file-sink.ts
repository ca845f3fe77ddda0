/**
 * Where lines go: a file that is renamed when it has grown large, or standard error.
 *
 * Lines are written at once and in one piece: a mirror that is killed has told all it did. A full disk must not stop the mirror,
 * so lines that can not be written are dropped and counted.
 * @module
 */
import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/** Takes lines. */
export interface LineSink {
  write(line: string): void;
  /** Opens the file anew, after somebody renamed it. */
  reopen(): void;
  close(): void;
}

/** Lines to standard error. */
export function createStderrSink(): LineSink {
  return {
    write: (line) => void process.stderr.write(`${line}\n`),
    reopen: () => {},
    close: () => {},
  };
}

/** Renames `path` to `path.1` and so on; the oldest of `keep` goes. Without `keep` the file starts anew. */
function rotate(path: string, keep: number): void {
  if (keep < 1) rmSync(path, { force: true });
  for (let index = keep - 1; index >= 0; index--) {
    const from = index === 0 ? path : `${path}.${index}`;
    try {
      renameSync(from, `${path}.${index + 1}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

interface OpenFile {
  descriptor: number;
  /** -1 for what is no regular file and never renamed. */
  size: number;
}

function open(path: string): OpenFile {
  const descriptor = openSync(path, "a", 0o640);
  const stats = fstatSync(descriptor);
  return { descriptor, size: stats.isFile() ? stats.size : -1 };
}

/**
 * Lines to a file.
 * @param complain is told, once per trouble, why lines are lost
 * @throws the system's error when the file can not be opened
 */
export function createFileSink(
  path: string,
  rotation: { size: number; keep: number },
  complain: (text: string) => void,
): LineSink {
  let file = open(path);
  let dropped = 0;

  /** A file that can not be opened anew, for want of rights in its directory, is written on under the name that it has now. */
  function reopen(): void {
    try {
      const next = open(path);
      closeSync(file.descriptor);
      file = next;
    } catch (error) {
      complain(`log file ${path} can not be opened anew: ${String(error)}`);
    }
  }

  /** A file that can not be renamed is written on: better a long log than none. */
  function rotateIfFull(length: number): void {
    if (rotation.size <= 0 || file.size <= 0 || file.size + length <= rotation.size) return;
    try {
      rotate(path, rotation.keep);
      reopen();
    } catch (error) {
      complain(`log file ${path} can not be rotated: ${String(error)}`);
      file.size = -1;
    }
  }

  return {
    write(line) {
      const bytes = Buffer.from(`${line}\n`);
      rotateIfFull(bytes.length);
      try {
        writeSync(file.descriptor, bytes);
        if (file.size >= 0) file.size += bytes.length;
        if (dropped > 0) complain(`log file ${path} works again, ${dropped} lines were lost`);
        dropped = 0;
      } catch (error) {
        if (dropped === 0) complain(`log file ${path} can not be written: ${String(error)}`);
        dropped++;
      }
    },
    reopen() {
      try {
        reopen();
      } catch (error) {
        // The file that is open is still one.
        complain(`log file ${path} can not be opened anew: ${String(error)}`);
      }
    },
    close: () => closeSync(file.descriptor),
  };
}
