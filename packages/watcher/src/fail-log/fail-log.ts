/**
 * The failure log of sersync's shape, for people and scripts that look at it (spec 6, 4.5). The mirror writes it and never runs it:
 * what failed stays in its own books and is tried again from there.
 * @module
 */
import { basename, join } from "node:path";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { WatchSettings } from "../config/settings.js";
import { listenAll } from "../events/listen.js";
import type {
  FailedEvent,
  FullSyncEvent,
  MirrorEventSource,
  PushedEvent,
  TargetScope,
} from "../events/mirror-events.js";
import type { Logger } from "../log/logger.js";
import { createPacedWriter, type PacedWriter } from "../status/paced-writer.js";
import type { PushPlan } from "../target/types.js";
import { FailLogEntries, type FailLogOwner } from "./entries.js";
import { unsafePlace } from "./safe-place.js";

/** rsync's exit code for "some files were not transferred". */
const PARTIAL = 23;
/** About a megabyte of commands. */
const MAX_ENTRIES = 4000;
const INTERVAL_MS = 1000;

/** One file and its entries. */
interface FailLogFile {
  entries: FailLogEntries;
  writer: PacedWriter;
}

/** A target, its file, and what the first of two failures was to bring. */
interface Follower {
  owner: FailLogOwner;
  file: FailLogFile;
  firstFailure: readonly ByteString[];
  fullSyncStart: number;
}

const pathsOf = (plan: PushPlan): ByteString[] => [...plan.items, ...plan.deletes, ...plan.trees];

function enterFailure(follower: Follower, event: FailedEvent): boolean {
  const paths = pathsOf(event.plan).slice(0, MAX_ENTRIES + 1);
  if (event.attempt < 2) {
    follower.firstFailure = paths;
    return false;
  }
  let isChanged = false;
  for (const path of [...follower.firstFailure, ...paths]) {
    if (follower.file.entries.add(follower.owner, path, event.exitCode)) isChanged = true;
  }
  follower.firstFailure = [];
  return isChanged;
}

function enterOutcome(follower: Follower, { plan, outcome, failedAgain }: PushedEvent): boolean {
  const { entries } = follower.file;
  follower.firstFailure = [];
  const trees = [...plan.deletes, ...plan.trees];
  const { failed } = outcome;
  let isChanged = entries.remove(follower.owner, { paths: plan.items, trees, failed });
  for (const path of failedAgain) {
    if (entries.add(follower.owner, path, PARTIAL)) isChanged = true;
  }
  return isChanged;
}

/** Where the file goes: as configured, or into the state directory when that place is open to everybody. */
async function choosePlace(path: string, stateDir: string, logger: Logger): Promise<string> {
  const objection = await unsafePlace(path);
  if (objection === null) return path;
  const instead = join(stateDir, basename(path));
  logger.warn("failure log moved", { path, instead, reason: objection });
  return instead;
}

function openFile(path: string, logger: Logger): FailLogFile {
  const entries = new FailLogEntries(MAX_ENTRIES);
  const writer = createPacedWriter({
    path,
    mode: 0o600,
    intervalMs: INTERVAL_MS,
    contents: () => entries.encode(),
    failed: (error) => logger.warn("failure log not written", { path, reason: String(error) }),
  });
  return { entries, writer };
}

function followFullSync(follower: Follower, { phase }: FullSyncEvent): boolean {
  const { entries } = follower.file;
  if (phase === "started") follower.fullSyncStart = entries.nextNumber;
  return phase === "done" && entries.removeBefore(follower.owner, follower.fullSyncStart);
}

const keyOf = ({ root, target }: TargetScope): string => `${root}\n${target}`;

/** The failure logs of a configuration. */
export class FailLogs {
  readonly #logger: Logger;
  readonly #stop: () => void;
  readonly #files = new Map<string, FailLogFile>();
  #followers = new Map<string, Follower>();

  /** Listens at once, but has no files before the first {@link FailLogs.configure}. */
  constructor(events: MirrorEventSource, logger: Logger) {
    this.#logger = logger;
    this.#stop = listenAll(events, {
      failed: this.#follow(enterFailure),
      pushed: this.#follow(enterOutcome),
      fullSync: this.#follow(followFullSync),
      idle: this.#follow(({ owner, file }) =>
        file.entries.removeBefore(owner, Number.POSITIVE_INFINITY),
      ),
    });
  }

  /** Entries over all files. */
  get size(): number {
    return Array.from(this.#files.values(), ({ entries }) => entries.size).reduce(
      (a, b) => a + b,
      0,
    );
  }

  /** Has the logs of this configuration from now on. Entries of targets that it has as well stay. */
  async configure(settings: WatchSettings): Promise<void> {
    const owners = settings.roots.flatMap((root) =>
      root.targets.map((target) => ({ root, target })),
    );
    const { stateDir } = settings.daemon;
    const places = await Promise.all(
      owners.map(({ target }) => choosePlace(target.failLog.path, stateDir, this.#logger)),
    );
    const followers = new Map<string, Follower>();
    for (const place of new Set(places)) {
      const own = owners.filter((_owner, index) => places[index] === place);
      this.#openPlace(place, own, followers);
    }
    this.#followers = followers;
    await this.#closeFiles((place) => !places.includes(place));
  }

  #openPlace(
    place: string,
    owners: readonly FailLogOwner[],
    followers: Map<string, Follower>,
  ): void {
    const file = this.#files.get(place) ?? openFile(place, this.#logger);
    this.#files.set(place, file);
    file.entries.setOwners(owners);
    file.writer.touch();
    for (const owner of owners) {
      const key = keyOf({ root: owner.root.name, target: owner.target.name });
      const known = this.#followers.get(key);
      const { firstFailure, fullSyncStart } = known ?? { firstFailure: [], fullSyncStart: 0 };
      followers.set(key, { owner, file, firstFailure, fullSyncStart });
    }
  }

  #follow<E extends TargetScope>(
    update: (follower: Follower, event: E) => boolean,
  ): (event: E) => void {
    return (event) => {
      const follower = this.#followers.get(keyOf(event));
      if (follower !== undefined && update(follower, event)) follower.file.writer.touch();
    };
  }

  async #closeFiles(isOver: (place: string) => boolean): Promise<void> {
    const over = [...this.#files].filter(([place]) => isOver(place));
    for (const [place] of over) this.#files.delete(place);
    await Promise.all(over.map(([, { writer }]) => writer.close()));
  }

  /** Writes what was not written yet. */
  async close(): Promise<void> {
    this.#stop();
    await this.#closeFiles(() => true);
  }
}

/** Opens the failure logs of all targets and keeps them as the mirror's events say. */
export async function openFailLogs(
  settings: WatchSettings,
  events: MirrorEventSource,
  logger: Logger,
): Promise<FailLogs> {
  const logs = new FailLogs(events, logger);
  await logs.configure(settings);
  return logs;
}
