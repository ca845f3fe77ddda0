/**
 * The rules in effect in one directory.
 * Spec: docs/protocol/4-command.md, 11.3 to 11.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { type FilterListOptions, type Places, readPlaces } from "./directory-visit.js";
import { type CompiledRule, Subject } from "./match-rule.js";
import { cleanPath } from "./parent-directories.js";
import type { PatternRule } from "./rule.js";
import { flattenBlock, type RuleBlock } from "./rule-block.js";
import type { ReadRuleFile } from "./rule-parser-options.js";

/** What all scopes of a transfer root have in common. */
interface Surroundings {
  readonly root: ByteString;
  readonly block: RuleBlock;
  readonly options: FilterListOptions;
  readonly subject: Subject;
}

/**
 * An unchanging set of rules. `enter` gives the scope of a directory, which is this one unless a per-directory file
 * makes a difference: so a walk keeps a scope beside each directory, in whatever order it visits them.
 */
export class FilterScope {
  /** True when no name is excluded here; a directory below may still bring rules. */
  readonly isEmpty: boolean;
  /** True when there are rules about extended attributes, which switch off the usual choice of them. */
  readonly hasXattrRules: boolean;
  readonly #surroundings: Surroundings;
  readonly #places: Places;
  readonly #nameRules: readonly CompiledRule[];
  readonly #xattrRules: readonly CompiledRule[];

  private constructor(surroundings: Surroundings, places: Places) {
    const rules = flattenBlock(surroundings.block, places);
    this.#surroundings = surroundings;
    this.#places = places;
    this.#xattrRules = rules.filter(({ rule }) => rule.xattr);
    this.hasXattrRules = this.#xattrRules.length > 0;
    this.#nameRules = this.hasXattrRules ? rules.filter(({ rule }) => !rule.xattr) : rules;
    this.isEmpty = this.#nameRules.length === 0;
  }

  /** The scope of a transfer root before any directory is entered; use `FilterList.at`. */
  static outermost(block: RuleBlock, root: ByteString, options: FilterListOptions): FilterScope {
    const path = cleanPath(root);
    return new FilterScope({ root: path, block, options, subject: new Subject(path) }, new Map());
  }

  /**
   * The first rule that applies to an item, `null` when none does.
   * @param path relative to the transfer root, without leading slash
   * @param removing the item lies in a directory that is being removed, where perishable rules do not count
   */
  find(path: ByteString, isDirectory: boolean, removing = false): PatternRule | null {
    if (this.isEmpty || path === "." || path === "") return null;
    return this.#first(this.#nameRules, path, isDirectory, removing);
  }

  /** True when the item is hidden (on the sender) or protected from deletion (on the receiver). */
  excludes(path: ByteString, isDirectory: boolean, removing = false): boolean {
    return this.find(path, isDirectory, removing)?.include === false;
  }

  /** True when the item or a directory on the way to it is excluded: for paths that no walk led to. */
  excludesOnTheWay(path: ByteString, isDirectory: boolean): boolean {
    if (this.isEmpty) return false;
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      if (this.excludes(path.slice(0, slash), true)) return true;
    }
    return this.excludes(path, isDirectory);
  }

  /** The first xattr rule that applies to the name of an extended attribute, `null` when none does. */
  findXattr(name: ByteString): PatternRule | null {
    return this.#first(this.#xattrRules, name, false, false);
  }

  /**
   * The scope of a directory whose parent's scope is this one, or which is the first to be entered.
   * @param directory relative to the transfer root, which is itself `""` or `"."`
   * @param readFile given names relative to the transfer root, and full ones (with leading slash) for files above it
   * @throws UsageError for a rule that can not be read; FileIoError for a merge file that is missing.
   */
  enter(directory: ByteString, readFile: ReadRuleFile): FilterScope {
    const { root, block, options } = this.#surroundings;
    if (block.merges.length === 0) return this;
    const inherited = this.#places;
    const path = directory === "." ? "" : directory;
    const places = readPlaces(block, { root, directory: path, inherited, options, readFile });
    return isSame(places, inherited) ? this : new FilterScope(this.#surroundings, places);
  }

  #first(
    rules: readonly CompiledRule[],
    path: ByteString,
    isDirectory: boolean,
    removing: boolean,
  ): PatternRule | null {
    const { subject } = this.#surroundings;
    subject.set(path, isDirectory);
    for (const { rule, applies } of rules) {
      if (removing && rule.perishable) continue;
      if (applies(subject)) return rule;
    }
    return null;
  }
}

function isSame(places: Places, others: Places): boolean {
  if (places.size !== others.size) return false;
  for (const [rule, block] of places) if (others.get(rule) !== block) return false;
  return true;
}
