/**
 * A target behind an rsync daemon or a remote shell: one connection per batch, deletes as entries without a mode, renames as
 * links to what is there (spec 6, 3.4 to 3.6).
 * @module
 */
import { ExitCode } from "@tsrsync/protocol";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { reason } from "@tsrsync/transfer";
import { RemoteDirectory } from "tsrsync";
import type { LiveSettings, TargetSettings } from "../config/settings.js";
import { parentOf } from "../state/tree-paths.js";
import { addressOf } from "./address.js";
import { History } from "./history.js";
import { OwnPaths } from "./own-paths.js";
import { readPassword } from "./password-source.js";
import { probeTarget } from "./probe.js";
import { RootPlace } from "./root-place.js";
import { attributeWords, hardLinkWords } from "./session-words.js";
import { SpareConnection } from "./spare-connection.js";
import {
  type PushRequestOptions,
  type RequestOptions,
  type Target,
  type TargetComparison,
  type TargetEntry,
  TargetError,
  type VerifyOptions,
} from "./target.js";
import { TargetPush } from "./target-push.js";
import { TargetSessions } from "./target-sessions.js";
import type { Capabilities, PushOutcome, PushPlan } from "./types.js";
import { DifferenceCollector } from "./verify.js";

/** What a client needs besides its settings. */
export interface TargetClientOptions {
  /** The clock. */
  now?: () => Date;
  /** How the root is looked at. */
  source?: Pick<LiveSettings, "followSymlinkDirs" | "oneFileSystem">;
  /** See `RemoteDirectoryOptions`. */
  mayStandStill?: boolean | undefined;
}

const NOTHING = { present: [], missing: [], moved: [], keepsHardLinks: false };

/** The directory that a path is in must be in the list with it. */
function withDirectories(paths: readonly ByteString[]): ByteString[] {
  return [...new Set(paths.flatMap((path) => [parentOf(path), path]))];
}

/** Chosen paths are looked for in the target's directory, which the first push makes. */
function nothingThere(error: unknown): { result: { entries: [] } } {
  const isNothing =
    error instanceof TargetError &&
    /(?:change|push)_dir .* failed.*: No such file/.test(error.message);
  if (!isNothing) throw error;
  return { result: { entries: [] } };
}

export class TargetClient implements Target {
  readonly #settings: TargetSettings;
  readonly #remote: RemoteDirectory;
  readonly #sessions: TargetSessions;
  readonly #spare: SpareConnection;
  readonly #place: RootPlace;
  readonly #own: OwnPaths;
  readonly #push: TargetPush;
  /** Words for sessions that find out what is in directories. */
  readonly #treeWords: readonly string[];

  /**
   * @param root the directory that is mirrored, absolute
   * @throws UsageError for an address or options that can not be understood
   */
  constructor(
    root: string,
    settings: TargetSettings,
    { now = () => new Date(), source, mayStandStill = false }: TargetClientOptions = {},
  ) {
    const address = addressOf(settings);
    const options = {
      args: [...address.words, ...attributeWords(settings)],
      password: () => readPassword(settings.auth.password),
    };
    const remote = new RemoteDirectory(address.remote, { ...options, mayStandStill });
    const place = new RootPlace(byteStringFromText(root), source?.followSymlinkDirs);
    const history = History.of(settings, address, options);
    this.#settings = settings;
    this.#remote = remote;
    this.#spare = new SpareConnection(remote, settings.connect.keepAlive, () => now().getTime());
    this.#place = place;
    this.#own = new OwnPaths(settings, byteStringFromText(address.directory));
    const sessions = new TargetSessions({ remote, spare: this.#spare, address, settings, now });
    this.#sessions = sessions;
    const treeWords = source?.oneFileSystem ? ["--one-file-system"] : [];
    this.#treeWords = treeWords;
    const parts = { settings, address, remote, sessions, place, history, treeWords, now };
    this.#push = new TargetPush(parts);
  }

  async probe({ signal }: RequestOptions = {}): Promise<Capabilities> {
    this.#look();
    try {
      return await this.#probe(signal);
    } finally {
      this.#place.close();
    }
  }

  #probe(signal: AbortSignal | undefined): Promise<Capabilities> {
    const remote = this.#remote;
    const place = this.#place;
    return probeTarget({
      push: async (missing, hardLinks) => {
        const args = hardLinks ? ["--dry-run", "--hard-links"] : ["--dry-run"];
        // With the root before it: distributions' rsyncs with a fix of 3.4.3 refuse an entry without a mode only after another one.
        const selection = { present: [""], missing, moved: [], keepsHardLinks: false };
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
      renaming: async (option) => {
        const args = ["--dry-run", option === "fuzzy" ? "--fuzzy" : `--${option}=.`];
        const selection = { ...NOTHING, present: [""] };
        await this.#sessions.run(signal, ({ request }) =>
          remote.push(place.path, selection, { ...request, args, place }),
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
    this.#look();
    try {
      return await this.#push.push(plan, capabilities, options);
    } finally {
      this.#place.close();
    }
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

  async list(
    paths: readonly ByteString[],
    { signal }: RequestOptions = {},
  ): Promise<TargetEntry[]> {
    const { result } = await this.#sessions
      .run(signal, ({ request }) => this.#remote.listBelow(paths, request))
      .catch(nothingThere);
    return result.entries
      .filter(({ name }) => !this.#own.has(name))
      .map(({ name, mode, size, mtime }) => ({ path: name, mode, size, mtime }));
  }

  async verify({
    path = "",
    paths,
    isHidden,
    capabilities,
    signal,
  }: VerifyOptions = {}): Promise<TargetComparison> {
    const collector = new DifferenceCollector(
      (name, isDirectory) => this.#own.has(name) || isHidden?.(name, isDirectory) === true,
    );
    const place = this.#place;
    this.#look();
    try {
      const { result } = await this.#sessions.run(signal, ({ request }) => {
        const nanoseconds = (request.connection?.protocol ?? this.#sessions.protocol ?? 0) >= 31;
        const args = ["--dry-run", "--checksum", "--itemize-changes"];
        args.push(...hardLinkWords(this.#settings, capabilities ?? { hardLinks: true }));
        if (nanoseconds) args.push("--modify-window=-1");
        const observer = { ...request.observer, ...collector.observer };
        if (paths !== undefined) {
          const selection = { ...NOTHING, present: withDirectories(paths) };
          return this.#remote.push(place.path, selection, { ...request, args, observer, place });
        }
        args.push(...this.#treeWords);
        const what = { args, observer, hides: isHidden, deletes: true, place };
        return this.#remote.pushTrees(place.path, [path], { ...request, ...what });
      });
      const entries = Object.values(result.statistics.files).reduce((sum, count) => sum + count, 0);
      return { entries, differences: collector.differences };
    } finally {
      place.close();
    }
  }

  reach({ signal }: RequestOptions = {}): Promise<void> {
    return this.#sessions.prepare(signal);
  }

  warm(): void {
    this.#sessions.warm();
  }

  close(): Promise<void> {
    return this.#spare.drop();
  }
}
