/**
 * The reference of watch.yaml as Markdown. Made from the same table that reads the file.
 * @module
 */
import { DEFAULTS, ROOT_SETTINGS, TARGET_SETTINGS } from "../keys/defaults.js";
import { HOOK } from "../keys/hooks.js";
import { ROOT, TARGET, TOP } from "../keys/top.js";
import type { Key, Section } from "../shape/section.js";
import { REFERENCE_INTRODUCTION } from "./introduction.js";

/** All of docs/watch-yaml.md. */
export function referencePage(): string {
  const top = keysOf(TOP);
  const inherited = new Set(Object.keys(keysOf(DEFAULTS)));
  const own = (section: Section<unknown>) =>
    Object.entries(keysOf(section)).filter(([name]) => !inherited.has(name));
  const parts = [
    REFERENCE_INTRODUCTION,
    "## The top",
    table(
      Object.entries(top).filter(([name]) => !["daemon", "log", "web", "notify"].includes(name)),
      "",
      false,
    ),
    "`include` names more files (`include: dir/*.yaml`, or a list): their lists and maps are added to those of the first file, everything else may be said once.",
    ...(["daemon", "log", "web"] as const).flatMap((name) => [
      "",
      `## ${name}`,
      sectionText(top[name]!),
      table(Object.entries(keysOf(top[name]!.shape.section!)), `${name}.`),
    ]),
    "",
    "## notify",
    "A list of sections. Each has one of `url`, `exec` and `mail`.",
    table(Object.entries(keysOf(notifySection())), ""),
    "## A root",
    "An entry of `roots`. Besides these keys it may have all of the two tables further down.",
    table(own(ROOT), "", false),
    "## A target",
    "An entry of `targets` or of a group in `targetGroups`: a section, or an address alone. Besides these keys it may have all of the last table. An entry with `group` stands for each member of the group; its keys lie upon those of the members.",
    table(own(TARGET), "", false),
    "## In defaults or a root",
    "What belongs to a root as a whole.",
    table(Object.entries(keysOf(ROOT_SETTINGS)), ""),
    "## In defaults, a root or a target",
    "Each target has these in its own way.",
    table(Object.entries(keysOf(TARGET_SETTINGS)), ""),
    "## Hooks",
    "Entries of `hooks` in a root. Each has a `kind`.",
    ...Object.entries(HOOK.variants).flatMap(([kind, { section }]) => [
      `### ${kind}`,
      table(
        Object.entries(keysOf(section!)).filter(([name]) => name !== "kind"),
        "",
      ),
    ]),
  ];
  return `${parts.join("\n\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

type AnyKeys = Readonly<Record<string, Key<unknown>>>;

function keysOf(section: Section<unknown>): AnyKeys {
  return section.keys as AnyKeys;
}

function sectionText({ doc, fallback }: Key<unknown>): string {
  return fallback === null ? `${doc}.` : `${doc}. All of it may be left out.`;
}

/** The section behind the list. */
function notifySection(): Section<unknown> {
  return keysOf(TOP)["notify"]!.shape.item!.section!;
}

/** One line for each key; keys of sections within are written with dots. */
function table(
  keys: readonly (readonly [string, Key<unknown>])[],
  prefix: string,
  unfold = true,
): string {
  const lines = keys.flatMap(([name, key]) => rows(`${prefix}${name}`, key, unfold));
  return ["| Key | Value | Default | Meaning |", "|---|---|---|---|", ...lines].join("\n");
}

function rows(name: string, key: Key<unknown>, unfold: boolean): string[] {
  const { section } = key.shape;
  if (section !== undefined && unfold) {
    return Object.entries(keysOf(section)).flatMap(([inner, each]) =>
      rows(`${name}.${inner}`, each, true),
    );
  }
  const cells = [
    `\`${name}\``,
    section === undefined ? key.shape.label : "section",
    defaultOf(key),
    key.doc,
  ];
  return [`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`];
}

function defaultOf({ shape, fallback, shown }: Key<unknown>): string {
  if (shown !== undefined) return shown;
  if (fallback === undefined) return "**required**";
  if (shape.section !== undefined && fallback !== null) return "see below";
  return fallback === null ? "" : `\`${shape.show(fallback)}\``;
}
