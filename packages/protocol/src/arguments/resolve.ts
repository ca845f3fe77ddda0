/**
 * From the options as given to the settings that count: defaults, the environment, what follows from what, and which
 * options exclude each other.
 * Spec: docs/protocol/4-command.md, 3, 5 and 6.
 * @module
 */
import { ProtocolError, UnsupportedError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { parseModeChanges } from "./chmod.js";
import {
  type DebugFlag,
  debugLevels,
  type InfoFlag,
  infoLevels,
  type MessageLevels,
} from "./message-levels.js";
import { parseSize } from "./numbers.js";
import { OptionError } from "./option-error.js";
import { formatHas } from "./output-format.js";
import type { ParsedArguments } from "./parse.js";
import { resolveDeletion, resolveWriting } from "./resolve-receiver.js";
import type { Settings } from "./settings.js";

/** The environment variables that count here (`process.env` fits). */
export interface Environment {
  readonly RSYNC_ICONV?: string | undefined;
  readonly RSYNC_MAX_ALLOC?: string | undefined;
  readonly RSYNC_OLD_ARGS?: string | undefined;
  readonly RSYNC_PARTIAL_DIR?: string | undefined;
  readonly RSYNC_PROTECT_ARGS?: string | undefined;
  readonly RSYNC_RSH?: string | undefined;
}

/** The settings with all that can be known before the paths are looked at. */
export interface ResolvedSettings extends Settings {
  relative: boolean;
  secludedArgs: boolean;
  suffix: ByteString;
  /** A name in lower case; `none`, or `auto` when it is on and to be negotiated. A plain `-z` is `zlib` here. */
  compressMethod: string;
  maxAllocBytes: number;
  infoLevels: MessageLevels<InfoFlag>;
  debugLevels: MessageLevels<DebugFlag>;
  /** 0 when the output format has no `%i`, else the itemize level. */
  formatHasI: number;
  /** Whether the output format has `%i` or `%o`. */
  formatHasO: boolean;
}

const CHECKSUMS = ["xxh128", "xxh3", "xxh64", "xxhash", "md5", "md4", "sha1", "none", "auto"];
const COMPRESSIONS = ["zstd", "lz4", "zlibx", "zlib", "none", "auto"];
const DEFAULT_MAX_ALLOC = 1 << 30;
const MIN_MAX_ALLOC = 1 << 20;
const MIN_OWN_PROTOCOL = 20;
const MAX_OWN_PROTOCOL = 32;
const MAX_BATCH_NAME = 256;

/**
 * Resolves parsed options. `--version` and `--help` are to be served before.
 * @param environment a server reads none of it.
 * @throws OptionError or UsageError (exit 1), UnsupportedError (4), ProtocolError (2), in the words of rsync.
 */
export function resolveSettings(
  parsed: ParsedArguments,
  environment: Environment = {},
): ResolvedSettings {
  const env = parsed.settings.server ? {} : environment;
  const settings = { ...parsed.settings } as ResolvedSettings;
  if (settings.humanReadable > 1 && parsed.wordCount === 1) settings.help = true;
  resolveMaxAlloc(settings, env);
  // The umask matters for what a change does, not for whether it can be read.
  for (const text of settings.chmod) parseModeChanges(text, 0);
  resolveArgumentProtection(settings, env);
  resolveChecksum(settings);
  resolveCompression(settings);
  resolveMessages(settings);
  resolveIconv(settings, parsed, env);
  if (settings.superUser === "fake" && settings.xattrs > 1) {
    throw new OptionError("--fake-super conflicts with -XX");
  }
  if (settings.fuzzy > 1) settings.fuzzy = settings.altDest.length + 1;
  resolveBatch(settings, parsed.givenOptions);
  resolvePaths(settings, parsed.paths.length);
  resolveDeletion(settings);
  resolveFormat(settings);
  resolveWriting(settings, env);
  checkProtocol(settings);
  return settings;
}

function resolveMaxAlloc(settings: ResolvedSettings, env: Environment): void {
  settings.maxAlloc ??= env.RSYNC_MAX_ALLOC || null;
  const text = settings.maxAlloc;
  settings.maxAllocBytes =
    text === null ? DEFAULT_MAX_ALLOC : parseSize("max-alloc", text, { min: MIN_MAX_ALLOC });
  if (settings.maxAllocBytes === 0) throw new OptionError("max-alloc must be greater than zero");
}

function resolveArgumentProtection(settings: ResolvedSettings, env: Environment): void {
  const old = env.RSYNC_OLD_ARGS;
  const secluded: boolean | null = settings.secludedArgs;
  if (settings.oldArgs < 0 && secluded !== true && old) {
    settings.oldArgs = leadingNumber(old);
    settings.secludedArgs = false;
  } else if (secluded === null && settings.oldArgs < 1) {
    settings.secludedArgs = leadingNumber(env.RSYNC_PROTECT_ARGS ?? "") !== 0;
  } else {
    settings.secludedArgs = secluded ?? false;
  }
  settings.oldArgs = Math.max(settings.oldArgs, 0);
  if (settings.secludedArgs && settings.oldArgs > 0) {
    throw new OptionError("--secluded-args conflicts with --old-args.");
  }
}

function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function resolveChecksum(settings: ResolvedSettings): void {
  if (settings.checksumChoice === null) return;
  const [first = "", second] = settings.checksumChoice.split(/,(.*)/s, 2);
  // rsync names the whole pair when its first half is wrong.
  if (!isChecksum(first)) throw unknownChecksum(settings.checksumChoice);
  if (second !== undefined && !isChecksum(second)) throw unknownChecksum(second);
  const names = [first, second ?? first].map((name) => name.toLowerCase());
  if (names.every((name) => name === "auto")) settings.checksumChoice = null;
  else if (names[0] === "none") settings.wholeFile = true;
}

function isChecksum(name: string): boolean {
  return CHECKSUMS.includes(name.toLowerCase());
}

function unknownChecksum(name: string): UnsupportedError {
  return new UnsupportedError(`unknown checksum name: ${name}`);
}

function resolveCompression(settings: ResolvedSettings): void {
  const choice = settings.compressChoice?.toLowerCase() ?? "auto";
  if (!COMPRESSIONS.includes(choice)) {
    throw new UnsupportedError(`unknown compress name: ${settings.compressChoice}`);
  }
  if (choice === "auto") settings.compressChoice = settings.compress > 1 ? "zlibx" : null;
  if (choice !== "auto") settings.compressMethod = choice;
  else if (settings.compress > 1) settings.compressMethod = "zlibx";
  else settings.compressMethod = settings.compress === 1 ? "zlib" : "none";
  if (settings.compressMethod === "none" && settings.compressLevel !== null) {
    settings.compressMethod = "auto";
  }
}

function resolveMessages(settings: ResolvedSettings): void {
  if (settings.outbuf !== null && !/^[NULBF]/i.test(settings.outbuf)) {
    throw new OptionError("Invalid --outbuf setting -- specify N, L, or B.");
  }
  settings.infoLevels = infoLevels(settings.verbose, settings.progress, settings.info);
  settings.debugLevels = debugLevels(settings.verbose, settings.debug);
}

function resolveIconv(settings: ResolvedSettings, parsed: ParsedArguments, env: Environment): void {
  const given = parsed.givenOptions.some((name) => name === "iconv" || name === "no-iconv");
  if (!given) settings.iconv = env.RSYNC_ICONV || null;
  if (settings.iconv === "-") settings.iconv = null;
}

function resolveBatch(settings: ResolvedSettings, given: readonly string[]): void {
  const writes = given.includes("write-batch") || given.includes("only-write-batch");
  if (writes && given.includes("read-batch")) {
    throw new OptionError("--write-batch and --read-batch can not be used together");
  }
  if (writes && settings.dryRun) {
    settings.batchMode = null;
    settings.batchFile = null;
  }
  if (settings.batchMode === "read") {
    if (settings.filesFrom !== null) {
      throw new OptionError("--read-batch cannot be used with --files-from");
    }
    if (settings.removeSource > 0) {
      const option = settings.removeSource === 1 ? "source" : "sent";
      throw new OptionError(`--read-batch cannot be used with --remove-${option}-files`);
    }
  }
  if ((settings.batchFile?.length ?? 0) > MAX_BATCH_NAME) {
    throw new OptionError("the batch-file name must be 256 characters or less.");
  }
}

function resolvePaths(settings: ResolvedSettings, pathCount: number): void {
  if (settings.filesFrom !== null) {
    if (settings.recursive === 1) settings.recursive = 0;
    if (settings.dirs < 0) settings.dirs = 1;
  }
  if (
    settings.listOnly === 0 &&
    pathCount < 2 &&
    !settings.server &&
    settings.batchMode !== "read"
  ) {
    settings.listOnly = 1;
  }
  if (settings.dirs >= 4) {
    const rule = { kind: "filter", text: "- /*/*", from0: settings.from0 } as const;
    settings.filters = [...settings.filters, rule];
    settings.recursive = 1;
    settings.dirs = 1;
  } else if (settings.recursive > 0) {
    settings.dirs = 1;
  } else if (settings.dirs < 0) {
    settings.dirs = settings.listOnly > 0 ? 1 : 0;
  }
  const relative: boolean | null = settings.relative;
  settings.relative = relative ?? settings.filesFrom !== null;
  if (!settings.relative) settings.impliedDirs = false;
}

function resolveFormat(settings: ResolvedSettings): void {
  if (settings.outFormat === null) {
    if (settings.itemize > 0) settings.outFormat = "%i %n%L";
    else if (settings.infoLevels.levels.NAME > 0) settings.outFormat = "%n%L";
  }
  const { outFormat, itemize } = settings;
  settings.formatHasI = formatHas(outFormat, "i") ? itemize | 1 : 0;
  // A client with -ii tells its server by %I.
  if (settings.formatHasI > 0 && settings.server && formatHas(outFormat, "I"))
    settings.formatHasI |= 2;
  settings.formatHasO = settings.formatHasI > 0 || formatHas(outFormat, "o");
}

function checkProtocol({ protocol, server }: ResolvedSettings): void {
  if (protocol < MIN_OWN_PROTOCOL) {
    throw new ProtocolError("protocol version mismatch -- is your shell clean?");
  }
  if (protocol > MAX_OWN_PROTOCOL) {
    const role = server ? "Server" : "Client";
    throw new ProtocolError(`--protocol must be no more than ${MAX_OWN_PROTOCOL} on the ${role}.`);
  }
}
