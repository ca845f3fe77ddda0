/**
 * Modules that are not made by a file.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ModuleConfig, ModuleParameters } from "./daemon-config.js";
import { fieldName, PARAMETERS, type ParameterSpec } from "./parameters.js";

/** The value of a parameter that nothing sets: strings without a default are empty. */
export function builtInValue(spec: ParameterSpec): ParameterSpec["default"] {
  return spec.default === null && spec.type !== "bool3" ? "" : spec.default;
}

/** The module parameters as they are without any configuration. */
export function moduleDefaults(): ModuleParameters {
  const fields = PARAMETERS.filter(({ scope }) => scope === "module").map(
    (spec) => [fieldName(spec.name), builtInValue(spec)] as const,
  );
  return Object.fromEntries(fields) as unknown as ModuleParameters; // a test compares table and type
}

/** A module from some of its parameters; the others have their defaults. */
export function createModule(
  parameters: Partial<ModuleParameters> & { name: ByteString; path: ByteString },
): ModuleConfig {
  return { ...moduleDefaults(), ...parameters };
}
