/**
 * The rules of one side of a run, and where they lead in each directory.
 * Spec: docs/protocol/4-command.md, 11.3 to 11.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { FilterListOptions } from "./directory-visit.js";
import { FilterScope } from "./filter-scope.js";
import type { Rule } from "./rule.js";
import { createBlock, type RuleBlock } from "./rule-block.js";

/**
 * Rules that are ready for use. Rules that do not concern the side are dropped here, so that they cost nothing; a side
 * that looks at the other's rules too (a receiver that checks what it is sent) makes a second list.
 *
 * A daemon's own rules (5.9.1) are a list for the side `receiver`, whichever role the daemon plays.
 */
export class FilterList {
  /** True when no name can be excluded: there is nothing to ask, and no file to look for. */
  readonly isEmpty: boolean;
  readonly #block: RuleBlock;
  readonly #options: FilterListOptions;

  constructor(rules: readonly Rule[], options: FilterListOptions) {
    this.#block = createBlock(rules, options.side, options.deleteExcluded);
    this.#options = options;
    this.isEmpty = this.#block.items.length === 0;
  }

  /**
   * The rules for names below a transfer root, before any directory is entered.
   * @param root full path name of the transfer root, on a daemon from the module's root on: what the modifier `/` and
   *     merge files in parent directories go by
   */
  at(root: ByteString): FilterScope {
    return FilterScope.outermost(this.#block, root, this.#options);
  }
}
