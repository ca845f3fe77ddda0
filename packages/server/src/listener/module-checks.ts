/**
 * What a module asks of this daemon that it can not do yet. Such a module is refused: serving it as if the line were not
 * there could show what was to be hidden.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type ModuleConfig, moduleDefaults } from "../config/index.js";

/** Parameters that must keep their defaults, and how the configuration file spells them. */
const UNSUPPORTED: readonly (readonly [keyof ModuleConfig, string])[] = [
  ["earlyExec", "early exec"],
  ["preXferExec", "pre-xfer exec"],
  ["postXferExec", "post-xfer exec"],
  ["nameConverter", "name converter"],
  ["ignoreNonreadable", "ignore nonreadable"],
];

/** Why a module can not be served; `null` when it can. */
export function moduleProblem(module: ModuleConfig): ByteString | null {
  if (module.path === "") return "no path setting.";
  if (module.useChroot === true) {
    return `module ${module.name} needs "use chroot = yes", which is not supported yet`;
  }
  const defaults = moduleDefaults();
  for (const [field, spelling] of UNSUPPORTED) {
    const isDefault = module[field] === (defaults as Partial<ModuleConfig>)[field];
    if (!isDefault) return `module ${module.name} uses "${spelling}", which is not supported yet`;
  }
  return null;
}
