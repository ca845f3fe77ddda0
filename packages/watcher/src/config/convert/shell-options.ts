/**
 * The options that the scripts gave to rsync.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import { parseMirrorOptions } from "../rsync-options.js";
import type { ShellSettings } from "./shell-settings.js";

/** The options of a run; what a mirror does not take is said in a remark. */
export function mirrorOptions(
  settings: ShellSettings,
  base: string,
): { text: string; remarks: string[] } {
  const extra = settings.text("extra_rsync_args") ?? "";
  const remarks: string[] = [];
  const kept = extra.split(/\s+/).filter((word) => {
    if (!/^--(append(-verify)?|ignore-missing-args|partial)$/.test(word)) return true;
    remarks.push(`${word} is left out: ${LEFT_OUT[word] ?? "the mirror does so by itself."}`);
    return false;
  });
  const text = `${base} ${kept.join(" ")}`.trim();
  try {
    const { words } = parseMirrorOptions(text);
    return { text: words.join(" "), remarks };
  } catch (error) {
    if (!(error instanceof RsyncError)) throw error;
    settings.problems.add(
      settings.placeOf("extra_rsync_args"),
      `extra_rsync_args: ${error.message}`,
    );
    return { text: base, remarks };
  }
}

const LEFT_OUT: Readonly<Record<string, string>> = {
  "--append": "name files that only grow in rsync.append.",
  "--append-verify": "name files that only grow in rsync.append.",
};
