/**
 * Settings for tests: the defaults, without waits.
 * @module
 */
import type {
  BatchSettings,
  FilterSettings,
  RootSettings,
  TargetSettings,
  WatchSettings,
} from "../config/settings.js";

const BATCH: BatchSettings = {
  quiet: 0,
  maxGap: 50,
  maxWait: 1000,
  maxPaths: 20_000,
  maxBytes: 2 ** 30,
  atomic: false,
};

const FILTER: FilterSettings = { rules: [], excludeRegex: [], tempFiles: "none", protect: [] };

export function targetSettings(name: string): TargetSettings {
  return {
    name,
    url: `rsync://127.0.0.1/${name}`,
    auth: { password: null, identity: null },
    batch: BATCH,
    filter: FILTER,
    rsync: {
      options: ["-lptgoD"],
      hardLinks: true,
      acls: false,
      xattrs: false,
      compress: false,
      chmod: null,
      chown: null,
      owner: "auto",
      partialDir: null,
      inplace: [],
      append: [],
    },
    delete: { mode: "live", maxFiles: 10_000, maxPercent: 100, emptyRoot: "halt" },
    fullSync: {
      onStart: "auto",
      every: null,
      cron: null,
      exclude: [],
      compare: "metadata",
      parallel: 2,
      timeout: 60_000,
    },
    retry: { first: 0, min: 10, max: 100, factor: 2, jitter: 0 },
    failLog: { path: "/tmp/rsync_fail_log.sh", retryEvery: 3_600_000 },
    timeout: 10_000,
    connect: { timeout: 5000, keepAlive: 30_000, nodelay: true },
    bandwidth: { limit: 0, at: [] },
    window: { push: null, fullSync: null },
    history: { dir: null, keep: 0 },
    verify: { samplePerHour: 0, full: null },
    adopt: false,
  };
}

export function rootSettings(path: string, targets: readonly TargetSettings[]): RootSettings {
  return {
    name: "root",
    path,
    live: {
      enabled: true,
      backend: "inotify",
      pollInterval: 1000,
      events: {
        delete: true,
        createFolder: true,
        closeWrite: true,
        moveFrom: true,
        moveTo: true,
        attrib: true,
        modify: "onlyWithoutClose",
      },
      whileOpen: [],
      followSymlinkDirs: false,
      oneFileSystem: true,
    },
    batch: BATCH,
    filter: FILTER,
    guard: { requireMount: false, marker: null },
    snapshot: "all",
    targets,
    hooks: [],
  };
}

export function watchSettings(roots: readonly RootSettings[]): WatchSettings {
  return {
    daemon: { stateDir: "/nonexistent", pidFile: null, workers: 10, user: null },
    log: { level: "info", format: "text", file: null, rotate: { size: 0, keep: 0 } },
    web: null,
    notify: [],
    roots,
    warnings: [],
  };
}
