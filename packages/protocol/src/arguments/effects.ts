/**
 * What an option does to the settings: the effects of the table, and the values that they store.
 * Spec: docs/protocol/4-command.md, 1, 2 and 6.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { parseInteger, parseSize, type SizeRule } from "./numbers.js";
import { OptionError } from "./option-error.js";
import type { FoundOption } from "./option-index.js";
import type { OptionSpec, SettingEffect } from "./option-spec.js";
import type { FilterOption, Settings } from "./settings.js";

const MAX_ALTERNATE_DIRS = 20;
const SHORTHAND = [": /.rsync-filter", "- .rsync-filter"];
const STDERR_MODES = ["errors", "all", "client"] as const;

type Value = ByteString | number | FilterOption | { option: string; text: string };

/** The effects that make the new value of a setting out of the old one and the option's argument. */
const COMBINATIONS: Readonly<Record<string, (old: unknown, value: Value) => unknown>> = {
  $value: (_, value) => value,
  $append: (old, value) => [...(old as readonly unknown[]), value],
  $atLeast1: (old) => Math.max(old as number, 1),
  "+1": (old) => Math.max(old as number, 0) + 1,
  "|1": (old) => (old as number) | 1,
  "|2": (old) => (old as number) | 2,
};

/** Applies options one by one to `settings`, in the order of the command line. */
export class SettingsBuilder {
  readonly settings: Settings;
  // The table names settings by string; this is the one place where that meets the typed interface.
  readonly #byName: Record<string, unknown>;
  readonly #ownerOf = new Map<"usermap" | "groupmap", string>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.#byName = settings as unknown as Record<string, unknown>;
  }

  /**
   * @param argument the option's argument; null when it takes none.
   * @param blamed the word that a message about a bad number names.
   * @throws OptionError
   */
  apply({ spec, negated }: FoundOption, argument: ByteString | null, blamed: string): void {
    const text = argument ?? "";
    if (!negated) this.#check(spec, text);
    const value = spec.value === "none" || negated ? text : this.#value(spec, text, blamed);
    const appends = this.settings.server && this.settings.append > 0;
    const effects = (negated ? spec.negationSets : spec.sets) ?? {};
    for (const [setting, effect] of Object.entries(effects)) this.#store(setting, effect, value);
    if (spec.name === "atimes" && this.settings.atimes > 1) this.settings.openNoatime = true;
    // A server that is told twice verifies.
    if (spec.name === "append" && !negated && appends) this.settings.append = 2;
  }

  #store(setting: string, effect: SettingEffect, value: Value): void {
    if (effect === "$shorthand") this.#appendShorthand();
    else if (effect === "$chownUser") {
      this.#storeChown("usermap", "owner", (value as ByteString).split(":", 1)[0]!);
    } else if (effect === "$chownGroup") {
      this.#storeChown("groupmap", "group", /:(.*)/s.exec(value as ByteString)?.[1] ?? "");
    } else {
      const combine = typeof effect === "string" ? COMBINATIONS[effect] : undefined;
      this.#byName[setting] = combine ? combine(this.#byName[setting], value) : effect;
    }
  }

  #appendShorthand(): void {
    const text = SHORTHAND[this.settings.filterShorthand - 1];
    if (text === undefined) return;
    const rule: FilterOption = { kind: "filter", text, from0: this.settings.from0 };
    this.settings.filters = [...this.settings.filters, rule];
  }

  #storeChown(map: "usermap" | "groupmap", preserve: "owner" | "group", name: ByteString): void {
    if (name === "") return;
    const owner = this.#ownerOf.get(map);
    if (owner === "chown") {
      const affected = map === "usermap" ? "user" : "group";
      throw new OptionError(`You can only specify a ${affected}-affecting --chown once.`);
    }
    if (owner) throw new OptionError(`--chown conflicts with prior --${map}.`);
    this.#ownerOf.set(map, "chown");
    this.settings[map] = `*:${name}`;
    this.settings[preserve] = true;
  }

  #check({ name }: OptionSpec, text: ByteString): void {
    if (name === "usermap" || name === "groupmap") this.#claimMap(name);
    if (name?.endsWith("-dest")) this.#checkAlternateDir(name);
    if (name === "remote-option" && !text.startsWith("-")) {
      throw new OptionError(`Remote option must start with a dash: ${text}`);
    }
    if (name === "dparam" && !text.includes("=")) {
      throw new OptionError(`--dparam value is missing an '=': ${text}`);
    }
  }

  #claimMap(map: "usermap" | "groupmap"): void {
    const owner = this.#ownerOf.get(map);
    if (owner === "chown") throw new OptionError(`--${map} conflicts with prior --chown.`);
    if (owner) throw new OptionError(`You can only specify --${map} once.`);
    this.#ownerOf.set(map, map);
  }

  #checkAlternateDir(name: string): void {
    const { altDestKind, altDest } = this.settings;
    if (altDestKind !== null && `${altDestKind}-dest` !== name) {
      throw new OptionError(
        `ERROR: the --${name} option conflicts with the --${altDestKind}-dest option`,
      );
    }
    if (altDest.length >= MAX_ALTERNATE_DIRS) {
      throw new OptionError(`ERROR: at most ${MAX_ALTERNATE_DIRS} --${name} args may be specified`);
    }
  }

  #value(spec: OptionSpec, text: ByteString, blamed: string): Value {
    const { name, value } = spec;
    if ("filters" in spec.sets) return this.#filter(spec, text);
    if (value === "int") return parseInteger(text, blamed);
    if (value === "size" && name !== "max-alloc") return this.#size(name!, text);
    if (value === "time" || value === "minutes") return { option: name!, text };
    return name === "stderr" ? stderrMode(text) : text;
  }

  #filter(spec: OptionSpec, text: ByteString): FilterOption {
    return { kind: spec.name as FilterOption["kind"], text, from0: this.settings.from0 };
  }

  #size(option: string, text: string): number {
    const size = parseSize(option, text, this.#sizeRule(option));
    return option === "bwlimit" ? Math.floor((size + 512) / 1024) : size;
  }

  #sizeRule(option: string): SizeRule {
    if (option === "bwlimit") return { unit: 1024, min: 512 };
    if (option === "block-size") return { max: this.settings.protocol < 30 ? 1 << 29 : 1 << 17 };
    return {};
  }
}

function stderrMode(text: string): string {
  const mode = text === "" ? undefined : STDERR_MODES.find((name) => name.startsWith(text));
  if (mode) return mode;
  throw new OptionError(`--stderr mode "${text}" is not one of errors, all, or client`);
}
