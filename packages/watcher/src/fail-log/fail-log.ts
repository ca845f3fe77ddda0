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
import { createFailLogEntries, type FailLogEntries, type FailLogOwner } from "./entries.js";
import { unsafePlace } from "./safe-place.js";

/** rsync's exit code for "some files were not transferred". */
const PARTIAL = 23;
/** About a megabyte of commands. */
const MAX_ENTRIES = 4000;
const INTERVAL_MS = 1000;

/** The failure logs of a configuration. */
export interface FailLogs {
  /** Entries over all files. */
  readonly size: number;
  /** Writes what was not written yet. */
  close(): Promise<void>;
}

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
  const entries = createFailLogEntries(MAX_ENTRIES);
  const writer = createPacedWriter({
    path,
    mode: 0o600,
    intervalMs: INTERVAL_MS,
    contents: () => entries.encode(),
    failed: (error) => logger.warn("failure log not written", { path, reason: String(error) }),
  });
  writer.touch();
  return { entries, writer };
}

function createFollower(owner: FailLogOwner, file: FailLogFile): Follower {
  return { owner, file, firstFailure: [], fullSyncStart: 0 };
}

async function openFollowers(
  settings: WatchSettings,
  logger: Logger,
): Promise<Map<string, Follower>> {
  const files = new Map<string, FailLogFile>();
  const followers = new Map<string, Follower>();
  for (const root of settings.roots) {
    for (const target of root.targets) {
      const place = await choosePlace(target.failLog.path, settings.daemon.stateDir, logger);
      let file = files.get(place);
      if (file === undefined) files.set(place, (file = openFile(place, logger)));
      followers.set(`${root.name}\n${target.name}`, createFollower({ root, target }, file));
    }
  }
  return followers;
}

function followFullSync(follower: Follower, { phase }: FullSyncEvent): boolean {
  const { entries } = follower.file;
  if (phase === "started") follower.fullSyncStart = entries.nextNumber;
  return phase === "done" && entries.removeBefore(follower.owner, follower.fullSyncStart);
}

/** Opens the failure logs of all targets and keeps them as the mirror's events say. */
export async function openFailLogs(
  settings: WatchSettings,
  events: MirrorEventSource,
  logger: Logger,
): Promise<FailLogs> {
  const followers = await openFollowers(settings, logger);
  const files = new Set(Array.from(followers.values(), ({ file }) => file));

  const follow =
    <E extends TargetScope>(update: (follower: Follower, event: E) => boolean) =>
    (event: E): void => {
      const follower = followers.get(`${event.root}\n${event.target}`);
      if (follower !== undefined && update(follower, event)) follower.file.writer.touch();
    };

  const stop = listenAll(events, {
    failed: follow(enterFailure),
    pushed: follow(enterOutcome),
    fullSync: follow(followFullSync),
    idle: follow(({ owner, file }) => file.entries.removeBefore(owner, Number.POSITIVE_INFINITY)),
  });

  return {
    get size() {
      return Array.from(files, ({ entries }) => entries.size).reduce((a, b) => a + b, 0);
    },
    async close() {
      stop();
      await Promise.all(Array.from(files, ({ writer }) => writer.close()));
    },
  };
}
