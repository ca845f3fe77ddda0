/**
 * The pid file of a listener (spec 5-daemon, 5.2.3).
 * @module
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  lstatSync,
  openSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { FileIoError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import { pathBytes, reason } from "@tsrsync/transfer";
import { slotLocks } from "../access/index.js";

export class PidFile {
  readonly #path: ByteString;
  readonly #descriptor: number;

  private constructor(path: ByteString, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Writes our pid. A file that is left over from a daemon that died is taken over; one that is locked by a running daemon is
   * not.
   * @throws FileIoError (exit 11).
   */
  static write(path: ByteString): PidFile {
    const bytes = pathBytes(path);
    try {
      if (!lstatSync(bytes).isFile()) unlinkSync(bytes);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw failure("lstat", path, error);
    }
    let descriptor: number;
    try {
      descriptor = openSync(
        bytes,
        constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
        0o664,
      );
    } catch (error) {
      throw failure("open", path, error);
    }
    if (!slotLocks().lock(descriptor, 0)) {
      closeSync(descriptor);
      throw new FileIoError(`failed to lock pid file ${path}: Resource temporarily unavailable`);
    }
    try {
      ftruncateSync(descriptor, 0);
      writeSync(descriptor, `${process.pid}\n`, 0);
    } catch (error) {
      closeSync(descriptor);
      throw failure("write", path, error);
    }
    return new PidFile(path, descriptor);
  }

  /** Takes the file away at an orderly end. */
  remove(): void {
    try {
      unlinkSync(pathBytes(this.#path));
    } catch {
      // somebody was faster
    }
    closeSync(this.#descriptor);
  }
}

function failure(action: string, path: ByteString, cause: unknown): FileIoError {
  return new FileIoError(`failed to ${action} pid file ${path}: ${reason(cause)}`, { cause });
}
