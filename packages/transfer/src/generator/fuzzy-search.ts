/**
 * `--fuzzy`: a file that is not there yet may be an older one under a new name (spec 3-transfer, 3.10).
 * @module
 */
import { basename, type FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "../tree/file-tree.js";
import { type Basis, fuzzyBasis } from "./basis.js";
import type { GeneratorContext } from "./context.js";
import { MAX_NAME_DISTANCE, nameDistance } from "./name-distance.js";
import type { Candidate } from "./quick-check.js";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

interface FuzzyCandidate extends Candidate {
  name: ByteString;
  /** As basis types count: 0 is the directory of the file itself. */
  directoryNumber: number;
}

export class FuzzySearch {
  readonly #context: GeneratorContext;
  /** Files of the directory at hand, in the order in which they are looked at; `null` before anybody asked. */
  #candidates: FuzzyCandidate[] | null = null;
  #directory: ByteString | null = null;
  /** Names in it that this session changes: what is read of them now may be gone when the data comes. */
  readonly #changing = new Set<ByteString>();

  constructor(context: GeneratorContext) {
    this.#context = context;
  }

  /** A file at the destination is going to be changed: it can not be the basis of another one. */
  willChange(path: ByteString): void {
    this.#enter(directoryOf(path));
    this.#changing.add(basename(path));
  }

  /** The file that is most like the one that `entry` describes; `null` when none is. */
  async find(entry: FileEntry, path: ByteString): Promise<Basis | null> {
    const directory = directoryOf(path);
    this.#enter(directory);
    this.#candidates ??= await this.#list(directory);
    const usable = this.#candidates.filter(
      ({ directoryNumber, name }) => directoryNumber > 0 || !this.#changing.has(name),
    );
    const found = sameFile(entry, usable) ?? nearest(basename(path), usable);
    if (found === null) return null;
    if (this.#context.session.options.debugFuzzy) this.#tell(path, found);
    return fuzzyBasis(found.directoryNumber, found);
  }

  #tell(path: ByteString, { directoryNumber, path: found }: FuzzyCandidate): void {
    const { session } = this.#context;
    const alternate = session.options.alternateDirs[directoryNumber - 1];
    const shown = alternate === undefined ? found : `${alternate}/${found}`;
    session.notice("info", `fuzzy basis selected for ${path}: ${shown}`);
  }

  #enter(directory: ByteString): void {
    if (this.#directory === directory) return;
    this.#directory = directory;
    this.#changing.clear();
    this.#candidates = null;
  }

  async #list(directory: ByteString): Promise<FuzzyCandidate[]> {
    const { destination, session } = this.#context;
    const trees = [destination.tree, ...(destination.alternates ?? []).map(({ tree }) => tree)];
    const candidates: FuzzyCandidate[] = [];
    for (const [number, tree] of trees.slice(0, session.options.fuzzy).entries()) {
      if (tree === null) continue;
      try {
        for (const candidate of await this.#files(tree, directory)) {
          candidates.push({ ...candidate, directoryNumber: number });
        }
      } catch {
        // a directory that is not there, or can not be read, has no candidates
      }
    }
    return candidates;
  }

  async #files(tree: FileTree, directory: ByteString) {
    const { filter, phases } = this.#context;
    const files: Omit<FuzzyCandidate, "directoryNumber">[] = [];
    for (const name of (await tree.list(directory)).sort()) {
      const path = directory === "." ? name : `${directory}/${name}`;
      if (filter?.refuses(path, false) || phases.temporaries.has(path)) continue;
      const stat = await tree.stat(path);
      if (stat === null || (stat.mode & S_IFMT) !== S_IFREG || stat.size === 0) continue;
      files.push({ name, tree, path, stat });
    }
    return files;
  }
}

/** A file of the same size and time is taken for the same one, whatever it is called. */
function sameFile(entry: FileEntry, candidates: readonly FuzzyCandidate[]): FuzzyCandidate | null {
  const same = candidates.find(
    ({ stat }) => stat.size === entry.size && stat.mtime === entry.mtime,
  );
  return same ?? null;
}

function nearest(name: ByteString, candidates: readonly FuzzyCandidate[]): FuzzyCandidate | null {
  let best: FuzzyCandidate | null = null;
  let least = MAX_NAME_DISTANCE;
  for (const candidate of candidates) {
    const distance = nameDistance(candidate.name, name, least);
    if (distance > least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

function directoryOf(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}
