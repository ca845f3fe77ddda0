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
    const old = this.#byName[setting];
    switch (effect) {
      case "$value":
        this.#byName[setting] = value;
        break;
      case "$append":
        this.#byName[setting] = [...(old as readonly unknown[]), value];
        break;
      case "+1":
        this.#byName[setting] = Math.max(old as number, 0) + 1;
        break;
      case "|1":
      case "|2":
        this.#byName[setting] = (old as number) | Number(effect.slice(1));
        break;
      case "$atLeast1":
        this.#byName[setting] = Math.max(old as number, 1);
        break;
      case "$shorthand":
        this.#appendShorthand();
        break;
      case "$chownUser":
        this.#storeChown("usermap", "owner", (value as ByteString).split(":", 1)[0]!);
        break;
      case "$chownGroup":
        this.#storeChown("groupmap", "group", /:(.*)/s.exec(value as ByteString)?.[1] ?? "");
        break;
      default:
        this.#byName[setting] = effect;
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

  #check(spec: OptionSpec, text: ByteString): void {
    switch (spec.name) {
      case "usermap":
      case "groupmap":
        this.#claimMap(spec.name);
        break;
      case "compare-dest":
      case "copy-dest":
      case "link-dest":
        this.#checkAlternateDir(spec.name);
        break;
      case "remote-option":
        if (text.startsWith("-")) break;
        throw new OptionError(`Remote option must start with a dash: ${text}`);
      case "dparam":
        if (text.includes("=")) break;
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
    switch (spec.value) {
      case "int":
        return parseInteger(text, blamed);
      case "size":
        return spec.name === "max-alloc" ? text : this.#size(spec.name!, text);
      case "rule":
      case "pattern":
        return this.#filter(spec, text);
      case "path":
        return "filters" in spec.sets ? this.#filter(spec, text) : text;
      case "time":
      case "minutes":
        return { option: spec.name!, text };
      case "enum":
        return spec.name === "stderr" ? stderrMode(text) : text;
      default:
        return text;
    }
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
