/**
 * What the settings of the shell scheme say for all roots and targets.
 * @module
 */
import type { DraftMap } from "../draft.js";
import { parseBytes } from "../units.js";
import { mirrorOptions } from "./shell-options.js";
import type { ShellSettings } from "./shell-settings.js";

/** Live or not, and how soon. */
export function addPace(settings: ShellSettings, defaults: DraftMap, isLater: boolean): void {
  const batch = defaults.section("batch");
  if (settings.has("real_time_sync_enable") && !settings.isOn("real_time_sync_enable")) {
    defaults
      .section("live")
      .set("enabled", false, "real_time_sync_enable is not 1: full syncs only.");
  }
  const delay = settings.number("real_time_sync_delay");
  if (delay !== null) {
    batch
      .set("quiet", `${delay}s`, "real_time_sync_delay. 0s sends changes at once.")
      .set("maxWait", `${delay}s`);
  } else if (!isLater) {
    batch.set("quiet", "0s", "Changes go at once; the scripts worked in cycles of 20 s.");
  }
}

/** Options, time-out, bandwidth. */
export function addRun(settings: ShellSettings, defaults: DraftMap, isLater: boolean): void {
  const base = isLater ? "-lptDu" : "-lptgoDu";
  const { text, remarks } = mirrorOptions(settings, base);
  const rsync = defaults.section("rsync");
  rsync.set(
    "options",
    text,
    [
      ...remarks,
      "-u, as the scripts had it, never replaces a newer file in the target: not a mirror. Without it, files that were put back are sent, too.",
    ].join("\n"),
  );
  rsync.set("hardLinks", false, "Hard links became copies, as there was no -H.");
  rsync.set("owner", "names", "Owners by name, as rsync does.");
  const timeout = settings.number("rsync_timeout");
  if (timeout !== null) defaults.set("timeout", `${timeout}s`, "rsync_timeout");
  addBandwidth(settings, defaults);
}

/** As for `--bwlimit`: without a unit it is KiB. */
function addBandwidth(settings: ShellSettings, defaults: DraftMap): void {
  const text = settings.text("rsync_bwlimit");
  if (text === null) return;
  const limit = /^\d+(\.\d+)?$/.test(text) ? `${text}k` : text;
  if (parseBytes(limit) === null) {
    settings.problems.add(
      settings.placeOf("rsync_bwlimit"),
      `rsync_bwlimit: expected a size like 50M, got ${JSON.stringify(text)}`,
    );
  } else {
    defaults.section("bandwidth").set("limit", limit, "rsync_bwlimit, per second");
  }
}

/** When everything is compared. */
export function addFullSync(settings: ShellSettings, draft: DraftMap): void {
  if (settings.isOn("full_rsync_first_enable"))
    draft.set(
      "onStart",
      "always",
      "full_rsync_first_enable. `auto` does so only when it is not known what a target has.",
    );
  const days = settings.number("full_rsync_interval");
  const cron = settings.text("cron_exp");
  if (!settings.isOn("full_rsync_enable"))
    draft.set(
      "every",
      null,
      "No full syncs in intervals. They still come when it is not known what a target has.",
    );
  else if (cron !== null) draft.set("cron", cron, "cron_exp");
  else if (days !== null && days > 0) draft.set("every", `${days}d`, "full_rsync_interval");
  const hours = settings.number("full_rsync_timeout");
  if (hours !== null && hours > 0) draft.set("timeout", `${hours}h`, "full_rsync_timeout");
}
