/**
 * What the commands reach: everything is handed in, so that each of them can be tried alone.
 * @module
 */
import type {
  ConfigSource,
  ConfigWorld,
  Converted,
  ConvertOptions,
  LoadOptions,
} from "../config/index.js";
import type { RootSettings, TargetSettings, WatchSettings } from "../config/settings.js";
import type { ControlClient } from "../control/client.js";
import type { Target } from "../target/target.js";
import type { MachineFacts } from "./doctor-facts.js";

/** The parts of the program that commands use; each is loaded when it is asked for first. */
export interface CliServices {
  loadSettings(source: ConfigSource, options: LoadOptions): Promise<WatchSettings>;
  convertConfig(files: readonly string[], options: ConvertOptions): Promise<Converted>;
  connectControl(stateDir: string): Promise<ControlClient>;
  createTarget(root: string, settings: TargetSettings): Promise<Target>;
  /** Facts about this machine, for `doctor`. Changes nothing. */
  machineFacts(roots: readonly RootSettings[], stateDir: string): Promise<MachineFacts>;
  /** Mirrors until it is told to stop. Returns an exit code. */
  runMirror(run: MirrorRun): Promise<number>;
  /** Starts the same command in the background, and returns when it mirrors. Returns an exit code. */
  startDaemon(settings: WatchSettings, words: readonly string[]): Promise<number>;
}

/** What a mirror is started with. */
export interface MirrorRun {
  readonly settings: WatchSettings;
  /** Reads the configuration again. @throws ConfigError, and nothing changes */
  readonly reload: () => Promise<WatchSettings>;
}

export interface CliWorld {
  /** The words after the program's name. */
  readonly words: readonly string[];
  readonly config: ConfigWorld;
  readonly signal: AbortSignal;
  readonly services: CliServices;
  fileExists(path: string): boolean;
  /** Writes a line to standard output. */
  out(line: string): void;
  /** Writes a line to standard error. */
  error(line: string): void;
}
