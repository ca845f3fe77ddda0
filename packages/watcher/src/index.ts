/**
 * The live mirror: what changes in a directory is pushed to rsync daemons, as it changes.
 *
 * ```ts
 * import { createMirror } from "@tsrsync/watcher";
 *
 * const mirror = await createMirror({
 *   roots: [{ path: "/srv/www", targets: ["rsync://deploy@web1/www/"] }],
 *   stateDir: "/var/lib/tsrsync/watch",
 * });
 * mirror.on("pushed", ({ target, outcome }) => console.log(target, outcome.files));
 * await mirror.flush();
 * await mirror.close();
 * ```
 * @module
 */
export { ConfigError, type ConfigProblem, loadSettings } from "./config/index.js";
export type { WatchSettings } from "./config/settings.js";
export { type ControlClient, connectControl } from "./control/client.js";
export * from "./control/types.js";
export type * from "./events/mirror-events.js";
export { displayPath } from "./log/display-path.js";
export type { Logger } from "./log/logger.js";
export { createLoginLine } from "./metrics/logins.js";
export {
  type ConfigKeys,
  createMirror,
  type MirrorOptions,
  type RootOptions,
} from "./mirror/create-mirror.js";
export type { Mirror } from "./mirror/mirror.js";
export { type Mark, Reach, type Rename } from "./state/mark.js";
export type { Capabilities, FailureClass, PushOutcome, PushPlan } from "./target/types.js";
