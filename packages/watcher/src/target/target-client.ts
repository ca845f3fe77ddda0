/**
 * A target behind an rsync daemon or a remote shell: one connection per batch, deletes as entries without a mode, renames as
 * links to what is there (spec 6, 3.4 to 3.6).
 * @module
 */
import { ExitCode } from "@tsrsync/protocol";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { reason } from "@tsrsync/transfer";
import { RemoteDirectory } from "tsrsync";
import type { TargetSettings } from "../config/settings.js";
import { addressOf } from "./address.js";
import { deletionRules } from "./deletion-rules.js";
import { GrownFiles } from "./grown-files.js";
import { compilePatterns } from "./name-patterns.js";
import { OwnPaths } from "./own-paths.js";
import { readPassword } from "./password-source.js";
import { type PlannedSession, planSessions } from "./plan-sessions.js";
import { probeTarget } from "./probe.js";
import type { ProblemPlace } from "./push-problems.js";
import { PushRun } from "./push-run.js";
import { RootPlace } from "./root-place.js";
import {
  attributeWords,
  type SessionNeeds,
  type WritingKind,
  writingWords,
} from "./session-words.js";
import { areSmall } from "./small-files.js";
import { SpareConnection } from "./spare-connection.js";
import {
  type PushRequestOptions,
  type RequestOptions,
  type Target,
  type TargetDifference,
  type TargetEntry,
  TargetError,
  type VerifyOptions,
} from "./target.js";
import { TargetSessions } from "./target-sessions.js";
import type { Capabilities, PushOutcome, PushPlan } from "./types.js";
import { DifferenceCollector } from "./verify.js";

/** What a client needs besides its settings. */
export interface TargetClientOptions {
  /** The clock. */
  now?: () => Date;
}

/** A push with what was asked for it. */
interface PushJob extends PushRequestOptions {
  readonly run: PushRun;
  readonly capabilities: Capabilities;
}

/** About the making of a hard link. */
const LINK_FAILED = /\blink .* failed|hard.?link/i;

export class TargetClient implements Target {
  readonly #settings: TargetSettings;
  readonly #remote: RemoteDirectory;
  readonly #sessions: TargetSessions;
  readonly #spare: SpareConnection;
  readonly #place: RootPlace;
  readonly #problemPlace: ProblemPlace;
  readonly #own: OwnPaths;
  readonly #grown: GrownFiles;
  readonly #isInplace: ((path: ByteString) => boolean) | null;
  readonly #now: () => Date;

  /**
   * @param root the directory that is mirrored, absolute
   * @throws UsageError for an address or options that can not be understood
   */
  constructor(
    root: string,
    settings: TargetSettings,
    { now = () => new Date() }: TargetClientOptions = {},
  ) {
    const address = addressOf(settings);
    const { rsync } = settings;
    const remote = new RemoteDirectory(address.remote, {
      args: [...address.words, ...attributeWords(settings)],
      password: () => readPassword(settings.auth.password),
    });
    this.#settings = settings;
    this.#remote = remote;
    this.#spare = new SpareConnection(remote, () => now().getTime());
    this.#sessions = new TargetSessions({ remote, spare: this.#spare, address, settings, now });
    this.#place = new RootPlace(byteStringFromText(root));
    const directory = byteStringFromText(address.directory);
    const partialDir = rsync.partialDir === null ? null : byteStringFromText(rsync.partialDir);
    this.#problemPlace = { directory, root: this.#place.path, partialDir };
    this.#own = new OwnPaths(settings, directory);
    this.#grown = new GrownFiles(compilePatterns(rsync.append));
    this.#isInplace = compilePatterns(rsync.inplace);
    this.#now = now;
  }

  async probe({ signal }: RequestOptions = {}): Promise<Capabilities> {
    this.#look();
    const remote = this.#remote;
    const place = this.#place;
    return probeTarget({
      push: async (missing, hardLinks) => {
        const args = hardLinks ? ["--dry-run", "--hard-links"] : ["--dry-run"];
        const selection = { present: [], missing, moved: [], keepsHardLinks: false };
        await this.#sessions.run(signal, ({ request }) =>
          remote.push(place.path, selection, { ...request, args, place }),
        );
      },
      deletion: async () => {
        const what = { args: ["--dry-run"], rules: ["- *"], deletes: true };
        await this.#sessions.run(signal, ({ request }) =>
          remote.pushTrees(place.path, [""], { ...request, ...what, place }),
        );
      },
      protocol: () => this.#sessions.protocol,
    });
  }

  async push(
    plan: PushPlan,
    capabilities: Capabilities,
    options: PushRequestOptions = {},
  ): Promise<PushOutcome> {
    const run = new PushRun(plan, this.#problemPlace);
    this.#look();
    const job = { ...options, run, capabilities };
    try {
      await this.#pushPaths(job, plan);
      if (!capabilities.missingArguments && plan.deletes.length > 0) await this.#delete(job);
      if (plan.trees.length > 0) await this.#pushTrees(job);
    } catch (error) {
      this.#grown.forget();
      throw error;
    } finally {
      this.#place.leave();
    }
    this.#grown.settle((path) => run.problems.failed.has(path));
    return run.outcome();
  }

  /** @throws TargetError when there is no root */
  #look(): void {
    try {
      this.#place.look();
    } catch (cause) {
      const text = `the root can not be entered: ${reason(cause)}`;
      throw new TargetError("protocol", ExitCode.FileSelection, text, { cause });
    }
  }

  async #pushPaths(job: PushJob, plan: PushPlan): Promise<void> {
    const { capabilities, run } = job;
    const planned = planSessions(plan, {
      capabilities,
      keepsHardLinks: this.#settings.rsync.hardLinks,
      kindOf: (path) => this.#kindOf(path),
    });
    for (const session of planned) await this.#select(job, session);
    const unlinked = run.problems.takeFailed(
      (path, why) => LINK_FAILED.test(why) && plan.links.some(({ to }) => to === path),
    );
    if (unlinked.length === 0) return;
    // Links can not be made there, for whatever reason: the data goes over the line.
    const again = { ...plan, items: unlinked, deletes: [], links: [] };
    await this.#pushPaths(job, again);
  }

  #kindOf(path: ByteString): WritingKind {
    if (this.#isInplace?.(path)) return "inplace";
    return this.#grown.canAppend(this.#place.tree, path) ? "append" : "usual";
  }

  async #select(job: PushJob, { kind, selection }: PlannedSession): Promise<void> {
    const place = this.#place;
    const wholeFiles = areSmall(place.tree, selection.present);
    const session = await this.#sessions.run(job.signal, ({ request, compress }) => {
      const args = this.#words(job, { kind, wholeFiles, compress });
      return this.#remote.push(place.path, selection, { ...request, args, place });
    });
    job.run.add(session);
  }

  /** Deletes at a daemon that takes no entries without a mode. */
  async #delete(job: PushJob): Promise<void> {
    const { deletes } = job.run.plan;
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
      const args = job.checksum ? ["--force", "--checksum", ...words] : ["--force", ...words];
      const what = { hides: job.isHidden, args, place };
      return this.#remote.pushTrees(place.path, job.run.plan.trees, { ...request, ...what });
    });
    job.run.add(session);
  }

  #words(
    { capabilities, atomic = false }: PushJob,
    needs: Pick<SessionNeeds, "kind" | "wholeFiles" | "compress">,
  ): string[] {
    return writingWords(this.#settings, { ...needs, capabilities, atomic, now: this.#now() });
  }

  async list(path: ByteString, { signal }: RequestOptions = {}): Promise<TargetEntry[]> {
    const { result } = await this.#sessions.run(signal, ({ request }) =>
      this.#remote.list(path, request),
    );
    return result.entries
      .filter(({ name }) => !this.#own.has(name))
      .map(({ name, mode, size, mtime }) => ({ path: name, mode, size, mtime }));
  }

  async verify({ path = "", isHidden, signal }: VerifyOptions = {}): Promise<TargetDifference[]> {
    const collector = new DifferenceCollector(
      (name, isDirectory) => this.#own.has(name) || isHidden?.(name, isDirectory) === true,
    );
    const place = this.#place;
    this.#look();
    try {
      await this.#sessions.run(signal, ({ request }) => {
        const nanoseconds = (request.connection?.protocol ?? this.#sessions.protocol ?? 0) >= 31;
        const args = ["--dry-run", "--checksum", "--itemize-changes"];
        if (nanoseconds) args.push("--modify-window=-1");
        const observer = { ...request.observer, ...collector.observer };
        const what = { args, observer, hides: isHidden, deletes: true, place };
        return this.#remote.pushTrees(place.path, [path], { ...request, ...what });
      });
    } finally {
      place.leave();
    }
    return collector.differences;
  }

  warm(): void {
    this.#spare.warm();
  }

  async close(): Promise<void> {
    await this.#spare.drop();
    this.#place.close();
  }
}
