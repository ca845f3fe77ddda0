/**
 * Reading the files of a configuration, within bounds.
 * @module
 */
import type { Place, ProblemList } from "../problem.js";
import type { ConfigWorld } from "./world.js";

/** No configuration is larger. */
const MAX_BYTES = 16 * 1024 ** 2;

/** Bytes of a file, or null after a problem was noted. */
export function readConfigFile(
  path: string,
  place: Place | null,
  world: Pick<ConfigWorld, "readFile">,
  problems: ProblemList,
): Uint8Array | null {
  try {
    const bytes = world.readFile(path);
    if (bytes.length <= MAX_BYTES) return bytes;
    problems.add(place, `${path} is too large for a configuration (${bytes.length} bytes)`);
  } catch (error) {
    problems.add(place, `can not read ${path}: ${systemMessage(error)}`);
  }
  return null;
}

/** What the system said, without the call and the path. */
export function systemMessage(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return code === undefined
    ? message
    : message.replace(/^[A-Z0-9]+: /, "").replace(/, [a-z]+( '.*')?$/, "");
}

/** The text, or null when the bytes are none. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
