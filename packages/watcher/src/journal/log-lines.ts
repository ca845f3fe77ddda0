/**
 * What is in the log of late marks: one line per group, a CRC-32 and JSON.
 * @module
 */
import { crc32 } from "node:zlib";
import type { Mark } from "../state/mark.js";

/** Marks of one root that were made together. */
export interface LoggedMarks {
  /** The root's number in the store. */
  readonly root: number;
  /** The number of the target that they are for, 0 for all targets. */
  readonly target: number;
  /** The number of the last of them. */
  readonly sequence: number;
  /** When they were noticed (ms). */
  readonly since: number;
  readonly marks: readonly Mark[];
}

const CRC_DIGITS = 8;

/** A group as a line: one byte per character, as names have it. */
export function encodeLine(group: readonly LoggedMarks[]): string {
  const json = JSON.stringify(group);
  return `${checksum(json)} ${json}\n`;
}

/** All that is whole: a line may have been cut off in the middle by a full disk, a kill or a power failure. */
export function decodeLines(text: string): LoggedMarks[] {
  return text.split("\n").flatMap((line) => {
    const json = line.slice(CRC_DIGITS + 1);
    const isWhole = json !== "" && line.startsWith(`${checksum(json)} `);
    return isWhole ? (JSON.parse(json) as LoggedMarks[]) : [];
  });
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(CRC_DIGITS, "0");
}
