/**
 * What the user's options say about filters: rules out of words and files, and what a sender may list.
 * @module
 */
import { closeSync, constants, readFileSync } from "node:fs";
import { FileIoError } from "@tsrsync/protocol";
import { isRemoteList, type ResolvedSettings, type Transfer } from "@tsrsync/protocol/arguments";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import {
  type Confinement,
  errorCode,
  type FilterPlace,
  type FilterSetup,
  NO_FILTERS,
  openTrusted,
  RequestedNames,
  reason,
  rulesOfOptions,
} from "@tsrsync/transfer";

import { readOperatorFile } from "./operator-file.js";
import type { ClientRun, Environment } from "./run-client.js";

/**
 * Reads the filter options and all files that they name, which is done once: one of them may be standard input.
 * @throws UsageError for a rule that can not be read; FileIoError for a file that can not be.
 */
export function readFilters({ settings, transfer, environment, observer }: ClientRun): FilterSetup {
  const warn = (text: ByteString) =>
    observer.notice?.({ level: "warning", text: `${text}\n`, remote: false });
  try {
    const setup = ruleSetup(settings, environment, warn);
    return { ...setup, requested: requestedNames(settings, transfer) };
  } catch (error) {
    if (!(error instanceof FileIoError)) throw error;
    throw new FileIoError(`[client] ${error.message}`, { cause: error });
  }
}

/** The same for a server that is started with such options; what a client sends comes after them. */
export function ruleSetup(
  settings: ResolvedSettings,
  environment: Environment,
  warn: (text: ByteString) => void = () => {},
): FilterSetup {
  const { filters, cvsExclude, deleteExcluded, from0: nulEnds, insecureLinks } = settings;
  // A server may yet receive a rule that needs to know what CVS ignores here.
  if (filters.length === 0 && !cvsExclude && !settings.server) return { ...NO_FILTERS, nulEnds };
  const { HOME: home, CVSIGNORE: ignored } = environment;
  const cvsIgnore = {
    home: home === undefined ? null : readIfThere(byteStringFromText(`${home}/.cvsignore`)),
    environment: ignored === undefined ? null : byteStringFromText(ignored),
  };
  const rules = rulesOfOptions(filters, {
    readFile: (name) => readNamedFile(name, insecureLinks),
    deleteExcluded,
    cvsIgnore: { ...cvsIgnore, perishable: true },
    warn,
  });
  return { ...NO_FILTERS, rules, cvsIgnore, nulEnds };
}

/** A file that an option or a rule names, relative to where we are; `-` is standard input. */
function readNamedFile(name: ByteString, insecureLinks: boolean): Uint8Array | null {
  try {
    return readOperatorFile(name, insecureLinks);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw new FileIoError(`failed to open exclude file ${name}: ${reason(error)}`, {
      cause: error,
    });
  }
}

function readIfThere(name: ByteString): Uint8Array | null {
  try {
    return readFileSync(Buffer.from(name, "latin1"));
  } catch {
    return null; // nobody has to have such a file, nor to be able to read it
  }
}

/** Where a directory of this machine lies. A rule file that is not `within` is none. */
export function localFilterPlace(
  directory: ByteString,
  within: Confinement | null = null,
): FilterPlace {
  const here = Buffer.from(process.cwd(), "utf8").toString("latin1");
  const path = directory.startsWith("/") ? directory : `${here}/${directory}`;
  const readAbove = within === null ? readIfThere : (name: ByteString) => readWithin(name, within);
  return { root: cleanPath(path), readAbove };
}

function readWithin(name: ByteString, within: Confinement): Uint8Array | null {
  try {
    const descriptor = openTrusted(name, constants.O_RDONLY);
    try {
      within.admitOpen(descriptor, name);
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null; // as one that nobody has
  }
}

/** A full path name as text, `""` for the root. */
function cleanPath(path: ByteString): ByteString {
  const elements: ByteString[] = [];
  for (const element of path.split("/")) {
    if (element === "..") elements.pop();
    else if (element !== "" && element !== ".") elements.push(element);
  }
  return elements.map((element) => `/${element}`).join("");
}

/** What a remote sender is asked for; `null` when what it lists is not checked (spec 4-command, 16). */
function requestedNames(settings: ResolvedSettings, transfer: Transfer): RequestedNames | null {
  const { direction, transport, sources } = transfer;
  const { trustSender, oldArgs, recursive, dirs, relative, filesFrom } = settings;
  if (direction !== "pull" || transport === "local") return null;
  if (trustSender || oldArgs > 0 || isRemoteList(filesFrom)) return null;
  // Names of a list are added when they are sent.
  const listed = transport === "shell" ? sources : insideModule(sources);
  const paths = filesFrom === null ? listed : [];
  return new RequestedNames(paths, {
    relative: relative === true,
    recursive: recursive > 0,
    dirs: dirs > 0,
  });
}

/** Daemon paths without the module; those after the first may leave it out (spec 4-command, 7). */
function insideModule(sources: readonly ByteString[]): ByteString[] {
  const module = sources[0]?.split("/", 1)[0] ?? "";
  return sources.map((path) => {
    if (path === module) return "";
    return path.startsWith(`${module}/`) ? path.slice(module.length + 1) : path;
  });
}
