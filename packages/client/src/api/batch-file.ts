/**
 * Batch files of this machine: opened for writing, with the script that applies them, or for reading (spec 4-command, 18).
 * @module
 */
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  type ReadStream,
  writeSync,
} from "node:fs";
import { FileIoError, RsyncError } from "@tsrsync/protocol";
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { encodeStreamFlags, replayScript, streamFlags } from "@tsrsync/protocol/batch";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { type BatchRecorder, type FilterSetup, openTrusted, reason } from "@tsrsync/transfer";
import { describeLocal } from "./local-place.js";

const STDIN = 0;
const { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } = constants;

/** The words that a batch is written under, for its script. */
export interface CommandLine {
  program: ByteString;
  words: readonly ByteString[];
  /** Those of `words` that are paths. */
  paths: readonly ByteString[];
}

/** A batch file that is being written. */
export class BatchFile implements BatchRecorder {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += this.#write(bytes, at);
  }

  #write(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(this.#descriptor, bytes, at);
    } catch (cause) {
      throw new FileIoError(`[Receiver] batch file write error: ${reason(cause)}`, { cause });
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Makes the batch file and its script, if the settings ask for one.
 * @throws RsyncError 3 when one of them can not be made.
 */
export function createBatchFile(
  settings: ResolvedSettings,
  { rules }: FilterSetup,
  commandLine: CommandLine,
): BatchFile | null {
  const { batchFile, batchMode, protocol } = settings;
  if (batchFile === null || batchMode === null || batchMode === "read") return null;
  const script = new BatchFile(open(settings, `${batchFile}.sh`, O_WRONLY | O_CREAT | O_TRUNC));
  try {
    script.write(encodeByteString(replayScript({ ...commandLine, batchFile, rules, protocol })));
  } finally {
    script.close();
  }
  const batch = new BatchFile(open(settings, batchFile, O_WRONLY | O_CREAT | O_TRUNC));
  batch.write(encodeStreamFlags(streamFlags(settings)));
  return batch;
}

/** Opens the batch that is to be applied; `-` is standard input. @throws RsyncError 11, or 3 for what is no plain file. */
export function readBatchFile(settings: ResolvedSettings): ReadStream {
  const name = settings.batchFile ?? "-";
  const fd = name === "-" ? STDIN : open(settings, name, O_RDONLY);
  const stat = fstatSync(fd);
  if (name !== "-" && !stat.isFile() && !stat.isFIFO()) {
    closeSync(fd);
    throw new RsyncError(11, `Batch file ${describeLocal(name)} is not a regular file`);
  }
  return createReadStream("", { fd, highWaterMark: 256 << 10 });
}

function open(settings: ResolvedSettings, name: ByteString, flags: number): number {
  const mode = name === settings.batchFile ? 0o600 : 0o700;
  try {
    if (settings.insecureLinks) return openSync(Buffer.from(name, "latin1"), flags, mode);
    return openTrusted(name, flags, mode, true);
  } catch (cause) {
    const writes = (flags & O_WRONLY) !== 0;
    const text = `[Receiver] Batch file ${describeLocal(name)} open error: ${reason(cause)}`;
    throw new RsyncError(writes ? 3 : 11, text, { cause });
  }
}
