/**
 * Which compressions there are, and their levels (spec 3-transfer, 6.6).
 * @module
 */

/** A way to compress, as the peers call it. */
export type CompressionName = "zstd" | "lz4" | "zlibx" | "zlib" | "none";
export type ActiveCompression = Exclude<CompressionName, "none">;

/** What this process can do, in the order in which it is offered. zstd comes with Node 22.15. */
export const SUPPORTED_COMPRESSIONS: readonly CompressionName[] =
  "zstd" in process.versions
    ? ["zstd", "lz4", "zlibx", "zlib", "none"]
    : ["lz4", "zlibx", "zlib", "none"];

interface LevelRange {
  least: number;
  most: number;
  usual: number;
}

const LEVELS: Readonly<Record<ActiveCompression, LevelRange>> = {
  zstd: { least: -131072, most: 22, usual: 3 },
  lz4: { least: 0, most: 0, usual: 0 },
  zlibx: { least: 1, most: 9, usual: 6 },
  zlib: { least: 1, most: 9, usual: 6 },
};

/** The level at which `name` works when `wanted` is asked for (`null`: nothing is). */
export function compressionLevel(name: CompressionName, wanted: number | null): number {
  if (name === "none") return wanted ?? 0;
  const { least, most, usual } = LEVELS[name];
  const isUsual = wanted === null || (name === "zstd" ? wanted === 0 : wanted === -1);
  return isUsual ? usual : Math.min(most, Math.max(least, wanted));
}

/** Level 0 turns the two forms of deflate off, on both sides. */
export function isTurnedOff(name: CompressionName, wanted: number | null): boolean {
  return name === "none" || ((name === "zlib" || name === "zlibx") && wanted === 0);
}
