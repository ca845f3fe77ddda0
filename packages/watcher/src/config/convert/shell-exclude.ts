/**
 * What inotifywait left out.
 * @module
 */
import type { DraftMap } from "../draft.js";
import type { ShellSettings } from "./shell-settings.js";

/** inotifywait looked for the expression anywhere in the whole path. */
export function addExclude(
  settings: ShellSettings,
  root: DraftMap,
  rule: string | undefined,
  path: string,
): void {
  if (rule === undefined || rule === "") return;
  const expression = posixToJavaScript(rule);
  try {
    new RegExp(expression);
  } catch (error) {
    settings.problems.add(
      settings.placeOf("exclude_file_rule"),
      `exclude_file_rule: not a regular expression: ${(error as Error).message}`,
    );
    return;
  }
  const remark = [
    `exclude_file_rule: '${rule}'. It may stand anywhere in the path below the root; a dot in it is any character.`,
  ];
  if (new RegExp(expression).test(`${path}/`))
    remark.push(`It fits ${path} itself, so inotifywait would have left out everything.`);
  root.section("filter").set("excludeRegex", [`.*(${expression}).*`], remark.join("\n"));
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9A-Fa-f",
};

function posixToJavaScript(rule: string): string {
  return rule.replace(/\[:([a-z]+):\]/g, (whole, name: string) => CLASSES[name] ?? whole);
}
