/**
 * rsyncd.conf, and the files that it names.
 * @module
 */
export { ConfigError } from "./config-error.js";
export {
  type DaemonConfig,
  findModule,
  type GlobalParameters,
  type ModuleConfig,
  type ModuleParameters,
} from "./daemon-config.js";
export {
  CONNECTION_VARIABLES,
  expandModule,
  expandVariables,
  type Variables,
} from "./expand.js";
export { type LoadOptions, loadConfig } from "./load-config.js";
export { createModule, moduleDefaults } from "./module-defaults.js";
