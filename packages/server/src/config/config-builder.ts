/**
 * The state of a configuration while it is read: defaults, modules and the one that is open.
 *
 * A module takes a copy of the defaults when it is first named. Strings that have no value then, and no default of their
 * own, still get the one that is in force at the end of the file (spec 5-daemon, 5.3.4).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { ConfigError } from "./config-error.js";
import type {
  DaemonConfig,
  GlobalParameters,
  ModuleConfig,
  ModuleParameters,
} from "./daemon-config.js";
import { EXPANDED_FIELDS, expandVariables, type Variables } from "./expand.js";
import { builtInValue } from "./module-defaults.js";
import {
  fieldName,
  findParameter,
  matchKey,
  PARAMETERS,
  type ParameterSpec,
  type ParameterValue,
} from "./parameters.js";
import { parseValue } from "./values.js";

/** What was assigned, by name of parameter. */
type Assignments = Map<string, ParameterValue>;

interface ModuleDraft {
  readonly name: ByteString;
  readonly assigned: Assignments;
}

/** The state that `&include` saves and restores. */
export interface SavedDefaults {
  assigned: Assignments;
}

export class ConfigBuilder {
  /** Lines for the log, in order. */
  readonly warnings: ByteString[] = [];
  readonly #variables: Variables;
  readonly #modules = new Map<string, ModuleDraft>();
  readonly #saved: SavedDefaults[] = [];
  #defaults: Assignments = new Map();
  #module: ModuleDraft | null = null;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  get hasModules(): boolean {
    return this.#modules.size > 0;
  }

  /** Assigns in the open module, else as a default. What can not be assigned goes to the log. */
  assign(name: ByteString, text: ByteString): void {
    const spec = findParameter(name);
    if (spec === undefined) {
      if (!name.startsWith("-")) this.warnings.push(`Unknown Parameter encountered: "${name}"`);
      this.warnings.push(`IGNORING unknown parameter "${name}"`);
    } else if (spec.scope === "global" && this.#module !== null) {
      this.warnings.push(`Global parameter ${name} found in module section!`);
    } else {
      this.#store(this.#module?.assigned ?? this.#defaults, spec, text);
    }
  }

  /** Assigns a default outside of every module, in all that `&include` has saved as well. */
  assignEverywhere(spec: ParameterSpec, text: ByteString): void {
    for (const { assigned } of this.#saved) this.#store(assigned, spec, text, false);
    this.#store(this.#defaults, spec, text);
  }

  #store(target: Assignments, spec: ParameterSpec, text: ByteString, isLogged = true): void {
    // Strings are expanded at the end: that of a module may be a default that comes later.
    const isText = spec.type === "string" || spec.type === "path";
    const expanded = isText ? text : expandVariables(text, this.#variables);
    const value = parseValue(spec, expanded);
    if (value !== undefined) target.set(spec.name, value);
    else if (isLogged && spec.type !== "enum") {
      this.warnings.push(`Badly formed boolean in configuration file: "${expanded}".`);
    }
  }

  /** Closes the open module: what follows are defaults. */
  leaveModule(): void {
    this.#module = null;
  }

  /**
   * Opens a module, a new one or one of before.
   * @throws ConfigError when modules can not have such a name.
   */
  enterModule(name: ByteString): void {
    if (name.includes("/")) {
      throw new ConfigError(`Warning: invalid section name in configuration file: ${name}`);
    }
    const key = matchKey(name);
    this.#module = this.#modules.get(key) ?? { name, assigned: new Map(this.#defaults) };
    this.#modules.set(key, this.#module);
  }

  /** Keeps the defaults until `restoreDefaults` and `dropSavedDefaults`. */
  saveDefaults(): void {
    this.#saved.push({ assigned: new Map(this.#defaults) });
  }

  /** Takes back the defaults that were saved last, outside of every module. */
  restoreDefaults(): void {
    this.#defaults = new Map(this.#saved.at(-1)?.assigned);
    this.#module = null;
  }

  dropSavedDefaults(): void {
    this.#saved.pop();
  }

  /** The configuration as it stands at the end of the file. */
  finish(): DaemonConfig {
    const nothing: Assignments = new Map();
    return {
      global: this.#fields("global", this.#defaults, nothing) as unknown as GlobalParameters,
      defaults: this.#fields("module", this.#defaults, nothing) as unknown as ModuleParameters,
      modules: [...this.#modules.values()].map(({ name, assigned }) => ({
        ...(this.#fields("module", assigned, this.#defaults) as unknown as ModuleConfig),
        name: expandVariables(name, this.#variables),
      })),
      warnings: this.warnings,
    };
  }

  // The table of parameters gives each field the type that its interface declares; a test compares the two.
  #fields(
    scope: ParameterSpec["scope"],
    assigned: Assignments,
    final: Assignments,
  ): Record<string, ParameterValue> {
    const fields: Record<string, ParameterValue> = {};
    for (const spec of PARAMETERS) {
      if (spec.scope !== scope) continue;
      const field = fieldName(spec.name);
      const late =
        spec.default === null && spec.type !== "bool3" ? final.get(spec.name) : undefined;
      const value = assigned.get(spec.name);
      const chosen = value === undefined ? (late ?? builtInValue(spec)) : value;
      const isExpanded = scope === "global" || EXPANDED_FIELDS.includes(field);
      fields[field] =
        typeof chosen === "string" && isExpanded
          ? expandVariables(chosen, this.#variables)
          : chosen;
    }
    return fields;
  }
}
