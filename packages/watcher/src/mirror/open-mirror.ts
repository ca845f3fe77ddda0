/**
 * A mirror out of its settings.
 * @module
 */
import type { WatchSettings } from "../config/settings.js";
import { createHooks, type Hooks } from "../hooks/hooks.js";
import type { Journal } from "../journal/types.js";
import type { Logger } from "../log/logger.js";
import { readPassword } from "../target/password-source.js";
import type { KernelListener } from "../watch/root-watcher.js";
import { Mirror } from "./mirror.js";
import { rootOpener } from "./open-root.js";

/** What a mirror needs besides its settings. */
export interface MirrorEnvironment {
  journal: Journal;
  logger: Logger;
  /** Reads the settings again, for `reload`. */
  loadSettings: () => Promise<WatchSettings>;
  /** Is told what the kernel says of a root. */
  kernel?: (root: string) => KernelListener;
  /** The process does nothing else: see `RemoteDirectoryOptions`. */
  mayStandStill?: boolean;
  /** These settings hold from now on, with these hooks. */
  configured?: (settings: WatchSettings, hooks: Hooks) => Promise<void>;
}

/** Puts a mirror together, with its hooks. It does nothing before it is started. */
export function openMirror(settings: WatchSettings, environment: MirrorEnvironment): Mirror {
  const { journal, logger, loadSettings, kernel, mayStandStill } = environment;
  const context = { logger, stateDir: settings.daemon.stateDir, readPassword };
  let hooks: Hooks | null = null;
  const mirror: Mirror = new Mirror(settings, {
    journal,
    loadSettings,
    openRoot: rootOpener({
      journal,
      kernel,
      mayStandStill,
      beforeFullSync: (root, target, signal) =>
        hooks?.beforeFullSync(root, target, signal) ?? Promise.resolve(),
    }),
    async configured(changed) {
      // In one go: no push is told to nobody while the hooks of one configuration end what they have begun.
      const ended = hooks?.close();
      hooks = createHooks(changed, mirror, context);
      await ended;
      await environment.configured?.(changed, hooks);
    },
    async closed() {
      await hooks?.close();
    },
  });
  return mirror;
}
