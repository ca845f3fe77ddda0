/**
 * `--read-batch`: the receiving side of a session of which the sender's part is in a file (spec 3-transfer, 10).
 * @module
 */
import { once } from "node:events";
import type { ReadStream } from "node:fs";
import { Duplex } from "node:stream";
import { StreamError } from "@tsrsync/protocol";
import { adoptStreamFlags, BATCH_START_BYTES, readBatchStart } from "@tsrsync/protocol/batch";
import { createCursor } from "@tsrsync/protocol/wire";
import { conductSession, LineChannel, setUpSession, transferOptionsFrom } from "@tsrsync/transfer";
import { readBatchFile } from "./batch-file.js";
import { transferFiles } from "./client-roles.js";
import type { ClientResult, FilteredRun } from "./run-client.js";

/** What a server that can do everything is told by its client: a batch may be the work of any. */
const ALL_CAPABILITIES = ".iLsfxCIvu";

/** Applies a batch. @throws RsyncError when it can not be read to its end. */
export async function runBatch(run: FilteredRun): Promise<ClientResult> {
  const file = readBatchFile(run.settings);
  const stream = new BatchStream(file);
  try {
    return await replay(run, stream);
  } finally {
    stream.destroy();
    file.destroy();
    if (!file.closed) await once(file, "close");
  }
}

async function replay(run: FilteredRun, stream: Duplex): Promise<ClientResult> {
  const channel = new LineChannel(stream);
  const start = await channel.readBytes(BATCH_START_BYTES);
  if (start === null) {
    throw new StreamError("connection unexpectedly closed (0 bytes received so far)");
  }
  const { flags, protocol } = readBatchStart(createCursor(start));
  const settings = { ...run.settings };
  for (const line of adoptStreamFlags(settings, flags, protocol)) {
    if (settings.infoLevels.levels.MISC > 0) {
      run.observer.notice?.({ level: "info", text: `${line}\n`, remote: false });
    }
  }
  const session = await setUpSession({
    stream,
    initialBytes: channel.release(),
    isServer: false,
    isSender: false,
    isReplay: true,
    protocol,
    capabilities: ALL_CAPABILITIES,
    options: transferOptionsFrom(settings, protocol, run.filters),
    observer: run.observer,
  });
  await conductSession(session, run.signal, () => transferFiles(session, run.transfer));
  return { exitCode: session.exitCode(), statistics: session.statistics, protocol };
}

/** Reads a file; what is written to it goes nowhere: there is nobody to be asked for anything. */
class BatchStream extends Duplex {
  readonly #file: ReadStream;

  constructor(file: ReadStream) {
    super();
    this.#file = file;
    file.on("data", (chunk) => {
      if (!this.push(chunk)) file.pause();
    });
    file.on("end", () => this.push(null));
    file.on("error", (error) => this.destroy(error));
  }

  override _read(): void {
    this.#file.resume();
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}
