/**
 * The options that change how a session's data is written, as a batch file has them: its first int.
 * Spec: docs/protocol/3-transfer.md, 10.
 * @module
 */
import type { ResolvedSettings } from "../arguments/index.js";

interface StreamFlag {
  /** How rsync names the option when it sets or clears it. */
  label: string;
  /** First protocol in whose files the bit counts. */
  since: number;
  /** 1 or 0; what a file can not express is another number, and never the same as what the file says. */
  value(settings: ResolvedSettings): number;
  turn(settings: ResolvedSettings, on: boolean): void;
}

/** By bit, from 0 on. */
const STREAM_FLAGS: readonly StreamFlag[] = [
  number("recursive", "--recurse (-r)", 28),
  boolean("owner", "--owner (-o)", 28),
  boolean("group", "--group (-g)", 28),
  boolean("links", "--links (-l)", 28),
  boolean("devices", "--devices (-D)", 28),
  number("hardLinks", "--hard-links (-H)", 28),
  boolean("checksum", "--checksum (-c)", 28),
  number("dirs", "--dirs (-d)", 29),
  {
    label: "--compress (-z)",
    since: 29,
    // A choice by name counts, too.
    value: ({ compress, compressMethod }) =>
      compressMethod === "none" ? 0 : Math.max(1, compress),
    turn: (settings, on) => {
      settings.compress = on ? 1 : 0;
      // The file does not say how: if the user does not either, it is what a batch has without a choice.
      if (!on) settings.compressMethod = "none";
      else if (settings.compressMethod === "none") settings.compressMethod = "zlib";
    },
  },
  {
    label: "--iconv",
    since: 30,
    value: ({ iconv }) => Number(iconv !== null),
    // The file does not say which character sets: the user has to.
    turn: () => {},
  },
  boolean("acls", "--acls (-A)", 30),
  number("xattrs", "--xattrs (-X)", 30),
  boolean("inplace", "--inplace", 30),
  {
    label: "--append",
    since: 30,
    value: ({ append }) => Number(append === 1),
    turn: (settings, on) => {
      if (on || settings.append === 1) settings.append = on ? 1 : 0;
    },
  },
  {
    label: "--append-verify",
    since: 30,
    value: ({ append }) => Number(append === 2),
    turn: (settings, on) => {
      if (on || settings.append === 2) settings.append = on ? 2 : 0;
    },
  },
];

type KeysOf<T> = {
  [K in keyof ResolvedSettings]: ResolvedSettings[K] extends T ? K : never;
}[keyof ResolvedSettings];

function boolean(key: KeysOf<boolean>, label: string, since: number): StreamFlag {
  return {
    label,
    since,
    value: (settings) => Number(settings[key] === true),
    turn: (settings, on) => {
      (settings as unknown as Record<string, boolean>)[key] = on;
    },
  };
}

function number(key: KeysOf<number>, label: string, since: number): StreamFlag {
  return {
    label,
    since,
    value: (settings) => Math.max(0, Number(settings[key])),
    turn: (settings, on) => {
      (settings as unknown as Record<string, number>)[key] = on ? 1 : 0;
    },
  };
}

/** The int at the start of a batch that is written under `settings` (resolved). */
export function streamFlags(settings: ResolvedSettings): number {
  return STREAM_FLAGS.reduce(
    (bits, flag, bit) => bits | (flag.value(settings) > 0 ? 1 << bit : 0),
    0,
  );
}

/**
 * Brings `settings` in line with the flags of a batch of that protocol, and says so for each option that was otherwise.
 * @returns lines without LF
 */
export function adoptStreamFlags(
  settings: ResolvedSettings,
  flags: number,
  protocol: number,
): string[] {
  const told: string[] = [];
  STREAM_FLAGS.forEach((flag, bit) => {
    const on = (flags & (1 << bit)) !== 0;
    if (protocol < flag.since || flag.value(settings) === Number(on)) return;
    flag.turn(settings, on);
    told.push(`${on ? "Setting" : "Clearing"} the ${flag.label} option to match the batchfile.`);
  });
  return told;
}
