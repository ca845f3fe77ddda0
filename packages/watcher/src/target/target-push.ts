/**
 * The pushes to a target: the sessions that bring what a plan names (spec 6, 3.4 and 3.5).
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { type FileTree, reason } from "@tsrsync/transfer";
import type { RemoteDirectory } from "tsrsync";
import type { TargetSettings } from "../config/settings.js";
import { parentOf } from "../state/tree-paths.js";
import type { TargetAddress } from "./address.js";
import { AidedPush } from "./aided-push.js";
import { planAidedSessions } from "./aided-sessions.js";
import { deletionRules } from "./deletion-rules.js";
import { GrownFiles } from "./grown-files.js";
import type { History } from "./history.js";
import { compilePatterns } from "./name-patterns.js";
import { type PlannedSession, planSessions } from "./plan-sessions.js";
import type { ProblemPlace } from "./push-problems.js";
import { PushRun } from "./push-run.js";
import type { RootPlace } from "./root-place.js";
import { type SessionNeeds, type WritingKind, writingWords } from "./session-words.js";
import { SmallFiles } from "./small-files.js";
import type { PushRequestOptions } from "./target.js";
import type { TargetSessions } from "./target-sessions.js";
import type { Capabilities, PushOutcome, PushPlan } from "./types.js";

/** What pushes are done with. */
export interface PushParts {
  readonly settings: TargetSettings;
  readonly address: TargetAddress;
  readonly remote: RemoteDirectory;
  readonly sessions: TargetSessions;
  readonly place: RootPlace;
  readonly history: History | null;
  /** Words for sessions that find out what is in directories. */
  readonly treeWords: readonly string[];
  readonly now: () => Date;
}

/** A push with what was asked for it. */
interface PushJob extends PushRequestOptions {
  readonly run: PushRun;
  readonly capabilities: Capabilities;
}

/** About the making of a hard link. */
const LINK_FAILED = /\blink .* failed|hard.?link/i;

export class TargetPush {
  readonly #settings: TargetSettings;
  readonly #remote: RemoteDirectory;
  readonly #sessions: TargetSessions;
  readonly #aidedPush: AidedPush;
  readonly #place: RootPlace;
  readonly #problemPlace: ProblemPlace;
  readonly #history: History | null;
  readonly #grown: GrownFiles;
  readonly #smallFiles = new SmallFiles();
  readonly #isInplace: ((path: ByteString) => boolean) | null;
  readonly #treeWords: readonly string[];
  readonly #now: () => Date;

  constructor(parts: PushParts) {
    const { settings, address, remote, sessions, place, history, treeWords, now } = parts;
    const { partialDir, append, inplace } = settings.rsync;
    this.#settings = settings;
    this.#remote = remote;
    this.#sessions = sessions;
    this.#aidedPush = new AidedPush({ remote, sessions, place });
    this.#place = place;
    this.#problemPlace = {
      directory: byteStringFromText(address.directory),
      root: place.path,
      partialDir: partialDir === null ? null : byteStringFromText(partialDir),
    };
    this.#history = history;
    this.#grown = new GrownFiles(compilePatterns(append));
    this.#isInplace = compilePatterns(inplace);
    this.#treeWords = treeWords;
    this.#now = now;
  }

  /** As `Target.push`; the root has been looked at. */
  async push(
    plan: PushPlan,
    capabilities: Capabilities,
    options: PushRequestOptions,
  ): Promise<PushOutcome> {
    const run = new PushRun(plan, this.#problemPlace);
    const job = { ...options, run, capabilities };
    const apart = this.#deletedApart(plan, capabilities);
    try {
      const deletes = plan.deletes.filter((path) => !apart.has(path));
      await this.#pushPaths(job, apart.size === 0 ? plan : { ...plan, deletes });
      if (apart.size > 0) await this.#delete(job, [...apart]);
      if (plan.trees.length > 0) await this.#pushTrees(job);
      await this.#expireHistory(job);
    } catch (error) {
      this.#grown.forget();
      throw error;
    }
    this.#grown.settle((path) => run.problems.failed.has(path));
    return run.outcome();
  }

  async #pushPaths(job: PushJob, plan: PushPlan): Promise<void> {
    const { capabilities, run } = job;
    const aided = this.#planAided(plan, capabilities);
    const apart = new Set(aided.flatMap(({ files }) => files));
    const planned = planSessions(
      apart.size === 0 ? plan : { ...plan, items: plan.items.filter((path) => !apart.has(path)) },
      {
        capabilities,
        keepsHardLinks: this.#settings.rsync.hardLinks && capabilities.hardLinks,
        kindOf: (path) => this.#kindOf(path),
      },
    );
    for (const session of planned) await this.#select(job, session);
    const words = (kind: WritingKind, compress: boolean) =>
      this.#words(job, { kind, wholeFiles: false, compress });
    const left: ByteString[] = [];
    for (const session of aided) {
      left.push(...(await this.#aidedPush.push(session, { ...job, words })));
    }
    const unlinked = run.problems.takeFailed(
      (path, why) => LINK_FAILED.test(why) && plan.links.some(({ to }) => to === path),
    );
    left.push(...unlinked);
    if (left.length === 0) return;
    // Links can not be made there, for whatever reason: the data goes over the line.
    await this.#pushPaths(job, { ...plan, items: left, deletes: [], links: [] });
  }

  /** Moved files that go by sessions of their own. */
  #planAided({ links }: PushPlan, { hardLinks, deletes, renameOptions }: Capabilities) {
    if (hardLinks || links.length === 0) return [];
    return planAidedSessions(links, {
      options: renameOptions,
      keepsOldNames: !deletes || this.#settings.delete.mode !== "live",
      isUsual: (path) => this.#kindOf(path) === "usual",
    });
  }

  #kindOf(path: ByteString): WritingKind {
    if (this.#isInplace?.(path)) return "inplace";
    return this.#grown.canAppend(this.#place.tree, path) ? "append" : "usual";
  }

  async #select(job: PushJob, { kind, selection }: PlannedSession): Promise<void> {
    const place = this.#place;
    const wholeFiles = this.#smallFiles.areUsual(place.tree, selection.present);
    const session = await this.#sessions.run(job.signal, ({ request, compress }) => {
      const args = this.#words(job, { kind, wholeFiles, compress });
      return this.#remote.push(place.path, selection, { ...request, args, place });
    });
    job.run.add(session);
  }

  /**
   * What is deleted in a session of its own: everything where the daemon takes no entries without a mode, else what lies in
   * directories that are gone here and stay there, since many daemons take no entries whose directories are not in the list.
   */
  #deletedApart({ deletes }: PushPlan, { missingArguments }: Capabilities): Set<ByteString> {
    if (!missingArguments) return new Set(deletes);
    const { tree } = this.#place;
    return new Set(deletes.filter((path) => isGone(tree, parentOf(path))));
  }

  async #delete(job: PushJob, deletes: readonly ByteString[]): Promise<void> {
    if (!job.capabilities.deletes) {
      job.run.problems.problems.push(`the target refuses deletions: ${deletes.length} names stay`);
      return;
    }
    const place = this.#place;
    const what = { rules: deletionRules(deletes), deletes: true };
    const session = await this.#sessions.run(job.signal, ({ request, compress }) => {
      const args = this.#words(job, { kind: "usual", wholeFiles: false, compress });
      return this.#remote.pushTrees(place.path, [""], { ...request, ...what, args, place });
    });
    job.run.add(session);
  }

  async #pushTrees(job: PushJob): Promise<void> {
    const place = this.#place;
    const session = await this.#sessions.run(job.signal, ({ request, compress }) => {
      const words = this.#words(job, { kind: "usual", wholeFiles: false, compress });
      const args = [
        "--force",
        ...(job.checksum ? ["--checksum"] : []),
        ...this.#treeWords,
        ...words,
      ];
      const what = { hides: job.isHidden, args, place };
      return this.#remote.pushTrees(place.path, job.run.plan.trees, { ...request, ...what });
    });
    job.run.add(session);
  }

  /** What was pushed is there, whatever becomes of this. */
  async #expireHistory({ run, signal, capabilities }: PushJob): Promise<void> {
    if (this.#history === null || !capabilities.missingArguments) return;
    try {
      await this.#history.expire(this.#now(), this.#place, signal);
    } catch (error) {
      signal?.throwIfAborted();
      run.problems.problems.push(`old history stays: ${reason(error)}`);
    }
  }

  #words(
    { capabilities, atomic = false }: PushJob,
    needs: Pick<SessionNeeds, "kind" | "wholeFiles" | "compress">,
  ): string[] {
    return writingWords(this.#settings, { ...needs, capabilities, atomic, now: this.#now() });
  }
}

function isGone(tree: FileTree, directory: ByteString): boolean {
  if (directory === "") return false;
  try {
    return tree.stat(directory) === null;
  } catch {
    return false; // whoever looks at it to send it says what is wrong
  }
}
