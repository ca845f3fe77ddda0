/**
 * The variables of inotify.sh, sersync.sh and sersync.conf.
 * @module
 */
import type { Place, ProblemList } from "../problem.js";
import type { ShellValue } from "./shell-assignments.js";

/** Those that say how something is mirrored. */
export const SHELL_NAMES: ReadonlySet<string> = new Set(
  `
  rsync_module_name exclude_file_rule des_ip user rsync_user rsync_passwd_file listen_dir
  rsyncd_mod rsyncd_ip real_time_sync_enable real_time_sync_delay full_rsync_first_enable
  full_rsync_enable full_rsync_interval cron_exp full_rsync_timeout rsync_timeout
  rsync_bwlimit extra_rsync_args keep_history_backup_days exec_command_enable
  exec_command_list sersync_dir lockfile_dir
  `
    .trim()
    .split(/\s+/),
);

/** What the parts of the conversion share. */
export class ShellSettings {
  readonly problems: ProblemList;
  readonly place: Place;
  readonly #values: ReadonlyMap<string, ShellValue>;

  constructor(values: ReadonlyMap<string, ShellValue>, place: Place, problems: ProblemList) {
    this.#values = values;
    this.place = place;
    this.problems = problems;
  }

  has(name: string): boolean {
    return this.text(name) !== null;
  }

  placeOf(name: string): Place {
    return this.#values.get(name)?.place ?? this.place;
  }

  /** One text, or null when there is none. */
  text(name: string): string | null {
    return (
      this.#values
        .get(name)
        ?.words.map(({ text }) => text)
        .join(" ")
        .trim() || null
    );
  }

  /** The words of a list. */
  words(name: string): readonly string[] {
    return (
      this.#values
        .get(name)
        ?.words.map(({ text }) => text)
        .filter((text) => text !== "") ?? []
    );
  }

  /** `[key]=value` and `'key=value'`, whichever form was used. */
  pairs(name: string): [string, string][] {
    const value = this.#values.get(name);
    return (value?.words ?? []).map(({ key, text }) => {
      if (key !== null) return [key, text];
      const equals = text.indexOf("=");
      return equals < 0 ? ["", text] : [text.slice(0, equals), text.slice(equals + 1)];
    });
  }

  isOn(name: string): boolean {
    return this.text(name) === "1";
  }

  number(name: string): number | null {
    const text = this.text(name);
    if (text === null || text === "") return null;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    this.problems.add(
      this.placeOf(name),
      `${name}: expected a number, got ${JSON.stringify(text)}`,
    );
    return null;
  }
}
