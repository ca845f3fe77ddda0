/**
 * Opening the directories of `--compare-dest`, `--copy-dest` and `--link-dest` (spec 3-transfer, 3.6).
 * @module
 */
import { RsyncError, UsageError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import { errorCode } from "../tree/system-error.js";
import type { AlternateDirectory } from "./destination.js";
import type { DestinationRequest } from "./open-destination.js";

/**
 * Opens them for a transfer into `directory`, which in a dry run need not be there (`isMissing`). An alternate directory that
 * can not be opened is told and never matches; it keeps its number.
 * @throws UsageError (exit 1) for one that a module hides.
 */
export async function openAlternates(
  session: Session,
  { place, describe }: Pick<DestinationRequest, "place" | "describe">,
  directory: ByteString,
  isMissing = false,
): Promise<AlternateDirectory[]> {
  const { alternateDirs, alternateKind, insecureLinks } = session.options;
  const links = insecureLinks ? "any" : "own";
  const opened: AlternateDirectory[] = [];
  for (const path of alternateDirs) {
    const where = path.startsWith("/") ? path : `${directory}/${path}`;
    try {
      const { tree, missing } = isMissing
        ? await place.enterAside(".", collapsed(where), links)
        : await place.enterAside(directory, path, links);
      if (missing === "") {
        opened.push({ tree });
        continue;
      }
      await tree.close();
      tell("does not exist", where);
    } catch (error) {
      if (error instanceof RsyncError) throw new UsageError(error.message, { cause: error });
      tell(errorCode(error) === "ENOTDIR" ? "is not a dir" : "does not exist", where);
    }
    opened.push({ tree: null });
  }
  return opened;

  function tell(what: string, where: ByteString): void {
    const shown = /^"(.*)"/.exec(describe(where))?.[1] ?? where;
    session.notice("warning", `--${alternateKind}-dest arg ${what}: ${shown}`);
  }
}

/** What a path means by its text: the directory that it starts at may not be there. */
function collapsed(path: ByteString): ByteString {
  const kept: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else kept.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + kept.join("/") || ".";
}
