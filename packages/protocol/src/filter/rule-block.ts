/**
 * Rules in the order in which they are tested, with places for the rules of per-directory files.
 * @module
 */
import { type CompiledRule, compileRule } from "./match-rule.js";
import { concerns, type DirMergeRule, effectiveSide, type FilterSide, type Rule } from "./rule.js";

/** A rule to be tested, or the place of a per-directory file's rules. */
export type BlockItem = CompiledRule | DirMergeRule;

/** Rules in order, and those of them that are places. */
export interface RuleBlock {
  readonly items: readonly BlockItem[];
  readonly merges: readonly DirMergeRule[];
}

/** No rules. */
export const EMPTY_BLOCK: RuleBlock = { items: [], merges: [] };

function isPlace(item: BlockItem): item is DirMergeRule {
  return "kind" in item;
}

/** Prepares those of `rules` that concern `side`. */
export function createBlock(
  rules: readonly Rule[],
  side: FilterSide,
  deleteExcluded = false,
): RuleBlock {
  const items: BlockItem[] = [];
  for (const rule of rules) {
    const members = rule.kind === "cvs-list" ? rule.rules : [rule];
    for (const member of members) {
      if (!concerns(effectiveSide(member, deleteExcluded), side)) continue;
      items.push(member.kind === "dir-merge" ? member : compileRule(member));
    }
  }
  return items.length === 0 ? EMPTY_BLOCK : { items, merges: items.filter(isPlace) };
}

/** The rules of `first`, then those of `second`. */
export function joinBlocks(first: RuleBlock, second: RuleBlock): RuleBlock {
  if (first.items.length === 0) return second;
  if (second.items.length === 0) return first;
  return {
    items: [...first.items, ...second.items],
    merges: [...first.merges, ...second.merges],
  };
}

/** All rules in order, each place replaced by the block that it stands for, if any. */
export function flattenBlock(
  block: RuleBlock,
  places: ReadonlyMap<DirMergeRule, RuleBlock>,
): CompiledRule[] {
  const flat: CompiledRule[] = [];
  // A stack of our own: per-directory files may name each other as deep as there are files.
  const open = [block.items.values()];
  for (let items = open.at(-1); items !== undefined; items = open.at(-1)) {
    const { value, done } = items.next();
    if (done) open.pop();
    else if (isPlace(value)) open.push((places.get(value) ?? EMPTY_BLOCK).items.values());
    else flat.push(value);
  }
  return flat;
}
