/**
 * Which configuration is meant, and its settings with the command line's on top.
 * @module
 */
import { join, resolve } from "node:path";
import { UsageError } from "@tsrsync/protocol";
import type { ConfigSource } from "../config/index.js";
import type { LogLevel, WatchSettings } from "../config/settings.js";
import type { CommandLine } from "./command-line.js";
import { hooksOnlySettings } from "./hooks-only.js";
import type { CliWorld } from "./world.js";

const SYSTEM_FILE = "/etc/tsrsync/watch.yaml";

/** The file that was given, or the first that there is: sersync's in the working directory, ours there, that of the system. */
export function findConfig(given: string | null, world: CliWorld): ConfigSource {
  const { environment, directory } = world.config;
  const named = given ?? (environment["TSRSYNC_CONFIG"] || null);
  if (named !== null) return { file: named };
  const candidates = ["confxml.xml", "watch.yaml"].map((name) => join(directory, name));
  const found = [...candidates, SYSTEM_FILE].find((path) => world.fileExists(path));
  if (found !== undefined) return { file: found };
  if (Object.keys(environment).some((name) => name.startsWith("TSRSYNC_ROOTS_")))
    return "environment";
  throw new UsageError(
    `no configuration: there is no confxml.xml or watch.yaml in ${directory}, and no ${SYSTEM_FILE}; name one with -o FILE`,
  );
}

const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug", "trace"];

/** Settings for a run. @throws UsageError, ConfigError */
export async function loadForRun(
  line: CommandLine,
  source: ConfigSource,
  world: CliWorld,
): Promise<WatchSettings> {
  const { hooksOnly } = line;
  const loaded = await world.services.loadSettings(source, {
    ...{ world: world.config, plugin: hooksOnly, webFromHost: line.webFromHost },
  });
  const settings = hooksOnly === null ? loaded : hooksOnlySettings(loaded, hooksOnly);
  return withOptions(settings, line, world);
}

function withOptions(
  settings: WatchSettings,
  line: CommandLine,
  { config }: CliWorld,
): WatchSettings {
  const level = LEVELS.find((each) => each === line.logLevel);
  if (line.logLevel !== null && level === undefined) {
    throw new UsageError(
      `--log-level: expected one of ${LEVELS.join(", ")}, got ${JSON.stringify(line.logLevel)}`,
    );
  }
  // Hooks alone run beside the mirror, and must not take its place.
  const usual = join(
    settings.daemon.stateDir,
    line.hooksOnly === null ? "" : `hooks-${line.hooksOnly}`,
  );
  const stateDir = line.stateDir === null ? usual : resolve(config.directory, line.stateDir);
  return {
    ...settings,
    daemon: { ...settings.daemon, stateDir, workers: line.workers ?? settings.daemon.workers },
    log: { ...settings.log, level: level ?? settings.log.level },
    roots: line.fullSync ? settings.roots.map(withFullSync) : settings.roots,
  };
}

function withFullSync(root: WatchSettings["roots"][number]): WatchSettings["roots"][number] {
  const targets = root.targets.map((target) => ({
    ...target,
    fullSync: { ...target.fullSync, onStart: "always" as const },
  }));
  return { ...root, targets };
}

/** Where the running mirror has its socket: `--state-dir`, or what the configuration says. */
export async function findStateDir(line: CommandLine, world: CliWorld): Promise<string> {
  if (line.stateDir !== null) return resolve(world.config.directory, line.stateDir);
  const settings = await world.services.loadSettings(findConfig(line.config, world), {
    world: world.config,
  });
  return settings.daemon.stateDir;
}
