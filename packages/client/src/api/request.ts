/**
 * From the library's options and paths to a run: the same way as from a command line.
 * @module
 */
import { RsyncError, UsageError } from "@tsrsync/protocol";
import {
  parseArguments,
  type ResolvedSettings,
  resolveSettings,
  resolveTransfer,
  type Settings,
  type Transfer,
} from "@tsrsync/protocol/arguments";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { refuseUnsupported, type TransferObserver } from "@tsrsync/transfer";
import type { CommandLine } from "./batch-file.js";
import type { ConnectionOptions } from "./options.js";
import type { ClientRun, Environment } from "./run-client.js";

/** Options and paths that were understood. */
export interface Request {
  settings: ResolvedSettings;
  transfer: Transfer;
  commandLine: CommandLine;
}

/** How a request is read. */
export interface RequestReading {
  direction?: "push" | "pull" | undefined;
  /** Has the last word about what the options said. */
  adjust?: ((settings: Settings) => void) | undefined;
}

/** @throws UsageError for what can not be understood, or leads the other way. */
export function readRequest(
  words: readonly string[],
  paths: readonly ByteString[],
  { direction, adjust }: RequestReading = {},
): Request {
  const asWords = [...words.map(byteStringFromText), "--", ...paths];
  const parsed = parseArguments(asWords);
  refuseUnsupported(parsed.givenOptions, parsed.settings.compressChoice);
  adjust?.(parsed.settings);
  const settings = resolveSettings(parsed);
  const transfer = resolveTransfer(parsed.paths, settings);
  if (direction !== undefined && transfer.direction !== direction) {
    throw new UsageError(`expected a ${direction}, got paths for a ${transfer.direction}`);
  }
  return {
    settings,
    transfer,
    commandLine: { program: "tsrsync", words: asWords, paths: parsed.paths },
  };
}

/** The run of a request. `onText` takes lines of the message of the day in place of the options' own function. */
export function runOf(
  { settings, transfer, commandLine }: Request,
  options: ConnectionOptions,
  observer: TransferObserver,
  onText?: (line: ByteString) => void,
  environment: Environment = process.env,
): ClientRun {
  return {
    settings,
    transfer,
    observer,
    password: () => findPassword(options),
    defaultUser: byteStringFromText(environment["USER"] || environment["LOGNAME"] || "nobody"),
    onText: onText ?? ((line) => options.onMessageOfTheDay?.(toText(line))),
    environment,
    signal: options.signal,
    commandLine,
  };
}

async function findPassword({ password }: ConnectionOptions): Promise<Uint8Array> {
  if (password === undefined) throw new RsyncError(5, "the daemon demands a password");
  const text = typeof password === "string" ? password : await password();
  return Buffer.from(text, "utf8");
}

/** Bytes that are not UTF-8 become U+FFFD. */
export const toText = (bytes: ByteString): string => Buffer.from(bytes, "latin1").toString("utf8");
