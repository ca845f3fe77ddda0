/**
 * `--hard-links` at the generator: of the names of an item one is brought up to date, the others become links to it (spec
 * 3-transfer, 3.4).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { localPath } from "../receiver/destination.js";
import { tellSuccess } from "../receiver/finish-file.js";
import type { Fate } from "../receiver/phases.js";
import type { Awaitable, FileStat } from "../tree/file-tree.js";
import { isSameInode } from "./alternate-match.js";
import type { GeneratorContext } from "./context.js";
import { type HardLinkGroup, HardLinkGroups, type Member } from "./hard-link-groups.js";
import { makeLink } from "./make-link.js";
import type { ItemOutcome } from "./regular-file.js";
import type { Remover } from "./remove.js";

/** Does with an entry what is due, as if it were the first of its names. */
export type GenerateItem = (
  ndx: number,
  entry: FileEntry,
  group: HardLinkGroup,
) => Awaitable<ItemOutcome>;

export class HardLinks {
  readonly #context: GeneratorContext;
  readonly #remover: Remover;
  readonly #generate: GenerateItem;
  readonly #groups: HardLinkGroups;
  #mayAsk = true;
  /** Names that were asked for, and their groups. Their lists may be gone when they have come. */
  readonly #requested = new Map<number, { entry: FileEntry; group: HardLinkGroup }>();

  constructor(context: GeneratorContext, remover: Remover, generate: GenerateItem) {
    this.#context = context;
    this.#remover = remover;
    this.#generate = generate;
    this.#groups = new HardLinkGroups(context.session.protocol);
  }

  /** Takes note of the lists that have come. */
  learn(): void {
    this.#groups.learn(this.#context.lists);
  }

  groupOf(entry: FileEntry): HardLinkGroup | null {
    return this.#groups.of(entry);
  }

  /** The turn of a name has come. No promise is made for a group that is up to date. */
  take(ndx: number, entry: FileEntry, group: HardLinkGroup): Awaitable<void> {
    group.leftCount--;
    const outcome = this.#generate(ndx, entry, group);
    if (outcome instanceof Promise) {
      return this.#takeLater(ndx, entry, group, this.#watch(ndx, outcome));
    }
    return this.#conclude(ndx, entry, group, outcome);
  }

  /** What was asked for can be in its place before it is known here that it was asked for: it is watched from the start. */
  async #watch(ndx: number, pending: Promise<ItemOutcome>): Promise<ItemOutcome> {
    const { phases, session } = this.#context;
    phases.watch(ndx);
    const outcome = await pending;
    if (outcome !== "requested" || session.options.dryRun) phases.unwatch(ndx);
    return outcome;
  }

  async #takeLater(
    ndx: number,
    entry: FileEntry,
    group: HardLinkGroup,
    pending: Promise<ItemOutcome>,
  ): Promise<void> {
    const concluded = this.#conclude(ndx, entry, group, await pending);
    if (concluded instanceof Promise) await concluded;
  }

  /**
   * Whether an item that is as it should be needs no link: it is the first to be found so, or the same item as the leader.
   */
  isInGroup(group: HardLinkGroup, stat: FileStat): boolean {
    // What --ignore-existing leaves alone leads nobody.
    if (group.requested >= 0 || this.#context.session.options.ignoreExisting) return false;
    if (group.leader === null) {
      group.item = stat;
      return true;
    }
    if (group.item !== null) return isSameInode(group.item, stat);
    const { tree } = this.#context.destination;
    if (!tree.synchronous) return false;
    try {
      const leader = tree.stat(group.leader.path) as FileStat | null;
      return leader !== null && isSameInode(leader, stat);
    } catch {
      return false;
    }
  }

  /** Makes a name what an earlier one of its group decides; `null` when none does. */
  async follow(ndx: number, entry: FileEntry, group: HardLinkGroup): Promise<ItemOutcome | null> {
    if (group.requested >= 0) return "deferred";
    if (group.leader === null) return null;
    return (await this.#link(group.leader, this.#member(ndx, entry))) ? "linked" : "skipped";
  }

  async #link(leader: NonNullable<HardLinkGroup["leader"]>, member: Member): Promise<boolean> {
    const { session, workspace } = this.#context;
    const isMade = await makeLink(this.#context, this.#remover, leader, member);
    if (isMade && session.options.removeSource === "all") tellSuccess(workspace, member.ndx);
    return isMade;
  }

  #member(ndx: number, entry: FileEntry): Member {
    return { ndx, entry, path: localPath(this.#context.destination, entry) };
  }

  #conclude(
    ndx: number,
    entry: FileEntry,
    group: HardLinkGroup,
    outcome: ItemOutcome,
  ): Awaitable<void> {
    if (outcome === "finished") {
      group.leader ??= { name: entry.name, path: localPath(this.#context.destination, entry) };
      return group.waiting.length === 0 ? undefined : this.#linkWaiting(group, ndx);
    }
    if (outcome === "requested") return this.#await(ndx, entry, group);
    if (outcome === "deferred") {
      group.waiting.push(this.#member(ndx, entry));
      this.#context.phases.requested(ndx); // its list stays until the link is made
    }
    return this.#promote(group);
  }

  #await(ndx: number, entry: FileEntry, group: HardLinkGroup): Awaitable<void> {
    // Nothing comes in a dry run: all that can be told is told now.
    if (this.#context.session.options.dryRun) return this.#conclude(ndx, entry, group, "finished");
    group.requested = ndx;
    this.#requested.set(ndx, { entry, group });
    return undefined;
  }

  /** When no name is left that could be asked for, one of those that were put off is. */
  #promote(group: HardLinkGroup): Awaitable<void> {
    if (group.leftCount > 0 || group.leader !== null || group.requested >= 0) return undefined;
    if (!this.#mayAsk) return undefined;
    const member = group.waiting.pop();
    return member === undefined ? undefined : this.#generateDeferred(member, group);
  }

  async #generateDeferred({ ndx, entry }: Member, group: HardLinkGroup): Promise<void> {
    const generated = this.#generate(ndx, entry, group);
    const outcome = generated instanceof Promise ? await this.#watch(ndx, generated) : generated;
    await this.#conclude(ndx, entry, group, outcome);
    this.#context.phases.release(ndx);
  }

  /** Those behind the leader come first, then those before it, last to first, as rsync has it. */
  async #linkWaiting(group: HardLinkGroup, leaderNdx: number): Promise<void> {
    const waiting = group.waiting.splice(0).sort((a, b) => a.ndx - b.ndx);
    const behind = waiting.filter(({ ndx }) => ndx > leaderNdx);
    const before = waiting.filter(({ ndx }) => ndx < leaderNdx);
    for (const member of [...behind, ...before.reverse()]) {
      await this.#link(group.leader!, member);
      this.#context.phases.release(member.ndx);
    }
  }

  /** Whether something was asked for that other names wait for. */
  get areAwaited(): boolean {
    return this.#requested.size > 0;
  }

  /** Deals with the files that came, or will not come, since the last call. */
  async attend(): Promise<void> {
    const { phases } = this.#context;
    for (let fates = phases.takeFates(); fates.length > 0; fates = phases.takeFates()) {
      for (const fate of fates) await this.#meet(fate);
    }
  }

  async #meet({ ndx, isPlaced }: Fate): Promise<void> {
    const request = this.#requested.get(ndx);
    if (request === undefined) return;
    this.#requested.delete(ndx);
    const { entry, group } = request;
    group.requested = -1;
    if (isPlaced) await this.#conclude(ndx, entry, group, "finished");
    else await this.#promote(group);
  }

  /** From now on no data may be asked for: names whose leader does not come are left as they are. */
  askNoMore(): void {
    this.#mayAsk = false;
  }
}
