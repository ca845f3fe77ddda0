export { daemonHelpText, type HelpOption, helpText } from "./help-text.js";
export {
  type Algorithm,
  type CapabilityName,
  capabilityList,
  type Feature,
  type VersionFacts,
} from "./version-facts.js";
export { versionJson, versionLine, versionText } from "./version-text.js";
