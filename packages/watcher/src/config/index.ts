/**
 * Configurations: `watch.yaml`, sersync's confxml.xml, the environment.
 * @module
 */

export {
  type ChangedNames,
  compareSettings,
  isUnchanged,
  type RootChange,
  type SettingsChange,
} from "./compare.js";
export { type Converted, type ConvertOptions, convertConfig } from "./convert/convert.js";
export { type ConfigSource, type LoadOptions, loadSettings } from "./load/load.js";
export { type ConfigWorld, systemWorld } from "./load/world.js";
export { ConfigError, type ConfigProblem, formatProblem, type Place } from "./problem.js";
