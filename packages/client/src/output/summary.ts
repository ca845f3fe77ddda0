/**
 * The summary and the statistics block at the end of a run. Spec: docs/protocol/4-command.md, 13.8.
 * @module
 */
import {
  formatBytes,
  formatCount,
  formatRate,
  formatRatio,
  type NumberStyle,
} from "@tsrsync/transfer";
import type { KindCounts, TransferStatistics } from "./types.js";

/** What kind of run is summed up. */
export type RunKind = "normal" | "dry-run" | "batch-only";

const RUN_MARKS: Readonly<Record<RunKind, string>> = {
  normal: "",
  "dry-run": " (DRY RUN)",
  "batch-only": " (BATCH ONLY)",
};

const KIND_LABELS: readonly (readonly [keyof KindCounts, string])[] = [
  ["regular", "reg"],
  ["directories", "dir"],
  ["symlinks", "link"],
  ["devices", "dev"],
  ["specials", "special"],
];

/** Counts of no items at all. */
export function noItems(): KindCounts {
  return { regular: 0, directories: 0, symlinks: 0, devices: 0, specials: 0 };
}

/**
 * Bytes moved per second. Half a second is added to whole ones, so that a run that took no time has a rate; what is
 * left of the last second does not count.
 */
export function transferRate(stats: TransferStatistics): number {
  const seconds = Math.floor(stats.elapsedMs / 1000) + 0.5;
  return (stats.bytesSent + stats.bytesReceived) / seconds;
}

/** The two lines of STATS level 1 (an empty line comes before them), without LF. */
export function summaryLines(
  stats: TransferStatistics,
  style: NumberStyle,
  run: RunKind = "normal",
): string[] {
  const bytes = (value: number) => formatBytes(value, style);
  const moved = stats.bytesSent + stats.bytesReceived;
  const speedup = formatRatio(moved === 0 ? 0 : stats.totalSize / moved, style);
  const rate = formatRate(transferRate(stats), style);
  return [
    `sent ${bytes(stats.bytesSent)} bytes  received ${bytes(stats.bytesReceived)} bytes  ${rate} bytes/sec`,
    `total size is ${bytes(stats.totalSize)}  speedup is ${speedup}${RUN_MARKS[run]}`,
  ];
}

/** The block of STATS level 2 (an empty line comes before it), without LF. */
export function statisticsLines(stats: TransferStatistics, style: NumberStyle): string[] {
  const bytes = (value: number) => formatBytes(value, style);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(3)} seconds`;
  const lines = [`Number of files: ${formatKinds(stats.files, style)}`];
  if (stats.created) lines.push(`Number of created files: ${formatKinds(stats.created, style)}`);
  if (stats.deleted) lines.push(`Number of deleted files: ${formatKinds(stats.deleted, style)}`);
  lines.push(
    `Number of regular files transferred: ${formatCount(stats.transferredCount, style)}`,
    `Total file size: ${bytes(stats.totalSize)} bytes`,
    `Total transferred file size: ${bytes(stats.transferredSize)} bytes`,
    `Literal data: ${bytes(stats.literalData)} bytes`,
    `Matched data: ${bytes(stats.matchedData)} bytes`,
    `File list size: ${bytes(stats.listSize)}`,
  );
  if (stats.listBuildMs > 0) {
    lines.push(`File list generation time: ${seconds(stats.listBuildMs)}`);
    lines.push(`File list transfer time: ${seconds(stats.listTransferMs)}`);
  }
  lines.push(`Total bytes sent: ${bytes(stats.bytesSent)}`);
  lines.push(`Total bytes received: ${bytes(stats.bytesReceived)}`);
  return lines;
}

function formatKinds(counts: KindCounts, style: NumberStyle): string {
  const present = KIND_LABELS.filter(([kind]) => counts[kind] > 0);
  const total = present.reduce((sum, [kind]) => sum + counts[kind], 0);
  if (total === 0) return formatCount(0, style);
  const parts = present.map(([kind, label]) => `${label}: ${formatCount(counts[kind], style)}`);
  return `${formatCount(total, style)} (${parts.join(", ")})`;
}
