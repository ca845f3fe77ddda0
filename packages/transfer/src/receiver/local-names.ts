/**
 * The names and link targets of a received list, in the local charset (`--iconv`; spec 2-file-list, 2.14.3).
 * @module
 */
import type { NameConverter } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { convertsTargets } from "../sender/wire-names.js";
import { conversionProblem } from "../session/charset.js";
import type { Session } from "../session/session.js";

/** Converts for a `ListReader`; tells what can not be converted. `null` when nothing is to be. */
export function createNameConverter(session: Session): NameConverter | null {
  const { charset } = session;
  if (charset === null) return null;
  const convert = (wire: ByteString, what: ByteString): ByteString | null => {
    const local = charset.fromWire(wire);
    if (local === null) {
      const why = conversionProblem(wire, true);
      session.notice("error", `[Receiver] cannot convert ${what} (${why})`);
    }
    return local;
  };
  return {
    name: (wire) => convert(wire, `filename: ${wire}`),
    target: convertsTargets(session)
      ? (wire, name) => convert(wire, `symlink data for: "${name}"`)
      : null,
  };
}
