/**
 * The real parts of the program, each loaded when it is asked for first.
 * @module
 */
import { ControlError } from "../control/types.js";
import { tellStarted } from "./daemon.js";
import { WatchExit } from "./exit-code.js";
import type { CliServices, CliWorld } from "./world.js";

/** Services of a process. */
export function createServices(
  proc: NodeJS.Process,
  { out, error }: Pick<CliWorld, "out" | "error">,
): CliServices {
  return {
    async loadSettings(source, options) {
      const { loadSettings } = await import("../config/load/load.js");
      return loadSettings(source, options);
    },
    async convertConfig(files, options) {
      const { convertConfig } = await import("../config/convert/convert.js");
      return convertConfig(files, options);
    },
    async connectControl(stateDir) {
      const { connectControl } = await import("../control/client.js");
      return connectControl(stateDir);
    },
    async createTarget(root, settings) {
      const { TargetClient } = await import("../target/target-client.js");
      return new TargetClient(root, settings);
    },
    async machineFacts(roots, stateDir) {
      const { machineFacts } = await import("./doctor-facts.js");
      return machineFacts(roots, stateDir);
    },
    async runMirror({ settings, reload }) {
      const { runMirror } = await import("../run/run-mirror.js");
      const { StateDirectoryError } = await import("../journal/store-errors.js");
      try {
        return await runMirror(settings, {
          loadSettings: reload,
          started: () => tellStarted(proc),
        });
      } catch (thrown) {
        if (!(thrown instanceof StateDirectoryError) && !(thrown instanceof ControlError))
          throw thrown;
        error(`tsrsync-watch: ${thrown.message}`);
        return thrown.code === "locked" ? WatchExit.AlreadyRunning : WatchExit.Failed;
      }
    },
    async startDaemon(settings, words) {
      const { startDaemon } = await import("./daemon.js");
      return startDaemon({ proc, settings, words, out, error });
    },
  };
}
