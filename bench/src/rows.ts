/**
 * What is measured: each row prepares source and target anew and names the transfer.
 */
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { writeHardLinks, writeLargeFile, writeSmallFiles, writeText } from "./fixtures.js";

export interface Place {
  /** The local directory, and the module's directory of the daemon under test. */
  local: string;
  remote: string;
}

export interface Row {
  name: string;
  direction: "push" | "pull";
  options: string[];
  /** At most this many times rsync's time. */
  limit: number;
  /** Makes source data once. */
  prepare(source: string): void;
  /** Brings the target into the state before the run. */
  reset(source: string, target: string): void;
}

const empty = (_source: string, target: string): void => {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
};

/** Sizes shrink by `scale` where only the workings are to be checked, not the speed. */
export function makeRows(scale: number): Row[] {
  const giga = Math.floor((1 << 30) / scale);
  const quarter = Math.floor((256 << 20) / scale);
  const files = Math.floor(50_000 / scale);
  const large = (source: string) => writeLargeFile(`${source}/file`, giga, 1);
  const small = (source: string) => writeSmallFiles(`${source}/tree`, files);
  const many = (source: string) => writeSmallFiles(`${source}/tree`, 2 * files);
  const text = (source: string) => writeText(`${source}/text`, quarter);
  const unchanged = (["push", "pull"] as const).map(
    (direction): Row => ({
      name: `100,000 files in 1,000 directories, no change, ${direction}`,
      direction,
      options: ["-a"],
      limit: 2,
      prepare: many,
      reset: () => {},
    }),
  );
  const compressed = (["push", "pull"] as const).flatMap((direction) =>
    // What the two sides agree on by themselves, and what every peer has.
    ["-z", "--compress-choice=zlib", "--compress-choice=lz4"].map(
      (option): Row => ({
        name: `256 MiB of text, ${option}, ${direction}`,
        direction,
        options: ["-a", option],
        limit: 1.5,
        prepare: text,
        reset: empty,
      }),
    ),
  );
  const names = Math.floor(20_000 / scale);
  const linked = (source: string) => writeHardLinks(`${source}/tree`, names, 4);
  return [
    {
      name: "20,000 names of 5,000 files with -H, push",
      direction: "push",
      options: ["-aH"],
      limit: 2,
      prepare: linked,
      reset: empty,
    },
    {
      name: "20,000 names of 5,000 files with -H, no change, push",
      direction: "push",
      options: ["-aH"],
      limit: 2,
      prepare: linked,
      reset: () => {},
    },
    {
      name: "50,000 small files, all in --link-dest, push",
      direction: "push",
      options: ["-a", "--link-dest=base"],
      limit: 2,
      prepare: small,
      reset: (source, target) => {
        rmSync(`${target}/tree`, { recursive: true, force: true });
        if (existsSync(`${target}/base`)) return;
        cpSync(source, `${target}/base`, { recursive: true, preserveTimestamps: true });
      },
    },
    {
      name: "1 GiB new file, push",
      direction: "push",
      options: ["-a"],
      limit: 1.5,
      prepare: large,
      reset: empty,
    },
    {
      name: "1 GiB new file, pull",
      direction: "pull",
      options: ["-a"],
      limit: 1.5,
      prepare: large,
      reset: empty,
    },
    {
      name: "1 GiB, 200 scattered edits, push",
      direction: "push",
      options: ["-a"],
      limit: 1.5,
      prepare: (source) => writeLargeFile(`${source}/file`, giga, 1, 200),
      reset: (source, target) => {
        empty(source, target);
        writeLargeFile(`${target}/file`, giga, 1);
      },
    },
    {
      name: "1 GiB in place, 200 scattered edits, push",
      direction: "push",
      options: ["-a", "--inplace"],
      limit: 1.5,
      prepare: (source) => writeLargeFile(`${source}/file`, giga, 1, 200),
      reset: (source, target) => {
        empty(source, target);
        writeLargeFile(`${target}/file`, giga, 1);
      },
    },
    {
      name: "256 MiB of unrelated content, push",
      direction: "push",
      options: ["-a"],
      limit: 1,
      prepare: (source) => writeLargeFile(`${source}/file`, quarter, 3),
      reset: (source, target) => {
        empty(source, target);
        writeLargeFile(`${target}/file`, quarter, 5);
      },
    },
    {
      name: "50,000 small files, push",
      direction: "push",
      options: ["-a"],
      limit: 2,
      prepare: small,
      reset: empty,
    },
    {
      name: "50,000 small files, pull",
      direction: "pull",
      options: ["-a"],
      limit: 2,
      prepare: small,
      reset: empty,
    },
    {
      name: "50,000 small files, no change, push",
      direction: "push",
      options: ["-a"],
      limit: 2,
      prepare: small,
      reset: () => {},
    },
    {
      name: "50,000 small files, no change, pull",
      direction: "pull",
      options: ["-a"],
      limit: 2,
      prepare: small,
      reset: () => {},
    },
    {
      name: "50,000 small files, no change with -c, push",
      direction: "push",
      options: ["-ac"],
      limit: 2,
      prepare: small,
      reset: () => {},
    },
    {
      name: "50,000 small files, no change with -c, pull",
      direction: "pull",
      options: ["-ac"],
      limit: 2,
      prepare: small,
      reset: () => {},
    },
    ...unchanged,
    ...compressed,
  ];
}
