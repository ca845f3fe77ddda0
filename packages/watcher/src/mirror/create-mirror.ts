/**
 * The library's way to a mirror.
 * @module
 */

import { UsageError } from "@tsrsync/protocol";
import { loadSettings } from "../config/index.js";
import type { WatchSettings } from "../config/settings.js";
import { openJournal } from "../journal/journal.js";
import { createMemoryJournal } from "../journal/memory-journal.js";
import { type Logger, silentLogger } from "../log/logger.js";
import { userToBecome } from "../run/become-user.js";
import type { Mirror } from "./mirror.js";
import { openMirror } from "./open-mirror.js";

/** Any key of watch.yaml that has no name of its own here. */
export interface ConfigKeys {
  readonly [key: string]: unknown;
}

/** A directory to mirror, and whatever else a root may have in watch.yaml. */
export interface RootOptions extends ConfigKeys {
  /** Names it in events and calls. Default: the last part of the path. */
  readonly name?: string;
  /** The directory. */
  readonly path: string;
  /** Where it goes: addresses (`rsync://user@host/module/directory`), or targets as in watch.yaml. */
  readonly targets: readonly (string | ({ readonly url: string } & ConfigKeys))[];
}

/** What `createMirror` takes: the keys of watch.yaml (docs/watch-yaml.md). */
export interface MirrorOptions extends ConfigKeys {
  readonly roots: readonly RootOptions[];
  /** What all roots and targets have that do not say otherwise. */
  readonly defaults?: ConfigKeys;
  /** Where what is not pushed yet survives the process. Without it, each start begins with a full sync. */
  readonly stateDir?: string;
  /** Nothing is logged without it. */
  readonly logger?: Logger;
}

/**
 * Mirrors directories to rsync daemons until it is closed.
 *
 * ```ts
 * const mirror = await createMirror({
 *   roots: [{ path: "/srv/www", targets: ["rsync://deploy@web1/www/"] }],
 * });
 * mirror.on("pushed", ({ target, outcome }) => console.log(target, outcome.files));
 * await mirror.flush();
 * await mirror.close();
 * ```
 * Resolves when all roots are live; the first full sync may still run then: `flush()` waits for it.
 * @throws ConfigError for options that are not understood.
 */
export async function createMirror(options: MirrorOptions): Promise<Mirror> {
  const { stateDir, logger = silentLogger } = options;
  const settings = settingsOf(options);
  if (userToBecome(settings.daemon.user) !== null) {
    throw new UsageError(
      "daemon.user: who uses the library decides as whom: the process stays as it is",
    );
  }
  const warn = (text: string) => logger.warn(text);
  const journal =
    stateDir === undefined ? createMemoryJournal() : await openJournal(stateDir, { warn });
  const mirror = openMirror(settings, {
    journal,
    logger,
    loadSettings: () => Promise.resolve(settings),
  });
  try {
    await mirror.start();
  } catch (error) {
    await mirror.close();
    throw error;
  }
  return mirror;
}

function settingsOf({ stateDir, logger: _, roots, daemon, ...keys }: MirrorOptions): WatchSettings {
  const written = {
    version: 1,
    ...keys,
    daemon: {
      ...(daemon as ConfigKeys | undefined),
      ...(stateDir === undefined ? {} : { stateDir }),
    },
    roots: roots.map((root) => ({
      ...root,
      targets: root.targets.map((target) =>
        typeof target === "string" ? { url: target } : target,
      ),
    })),
  };
  // JSON is YAML: options go the same way as a file, with the same checks and messages.
  return loadSettings({ text: JSON.stringify(written), name: "createMirror" });
}
