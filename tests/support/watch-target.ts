/**
 * Settings of a mirror's target, as a configuration makes them that says nothing of its own.
 */
import type { TargetSettings } from "../../packages/watcher/src/config/settings.js";

/** What a test wants otherwise. */
export interface TargetChanges extends Partial<Omit<TargetSettings, "rsync">> {
  rsync?: Partial<TargetSettings["rsync"]>;
}

export function targetSettings(url: string, changes: TargetChanges = {}): TargetSettings {
  const { rsync, ...others } = changes;
  return {
    name: "t",
    url,
    auth: { password: null, identity: null },
    batch: {
      ...{ quiet: 0, maxGap: 50, maxWait: 1000, maxPaths: 20_000, maxBytes: 2 ** 30 },
      atomic: false,
    },
    filter: { rules: [], excludeRegex: [], tempFiles: "none", protect: [] },
    rsync: {
      options: ["-lptgoD"],
      hardLinks: false,
      acls: false,
      xattrs: false,
      compress: "auto",
      chmod: null,
      chown: null,
      owner: "auto",
      partialDir: ".tsrsync-partial",
      inplace: [],
      append: [],
      ...rsync,
    },
    delete: { mode: "live", maxFiles: 10_000, maxPercent: 30, emptyRoot: "halt" },
    fullSync: {
      onStart: "auto",
      every: null,
      cron: null,
      exclude: [],
      compare: "metadata",
      parallel: 2,
      timeout: 43_200_000,
    },
    retry: { first: 0, min: 1000, max: 300_000, factor: 2, jitter: 0.2 },
    failLog: { path: "/dev/null", retryEvery: 3_600_000 },
    timeout: 60_000,
    connect: { timeout: 10_000, keepAlive: 30_000, nodelay: true },
    bandwidth: { limit: 0, at: [] },
    window: { push: null, fullSync: null },
    history: { dir: null, keep: 604_800_000 },
    verify: { samplePerHour: 0, full: null },
    adopt: false,
    ...others,
  };
}
