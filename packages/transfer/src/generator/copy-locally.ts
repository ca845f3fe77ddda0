/**
 * Copying a file of an alternate directory, so that it need not travel (spec 3-transfer, 3.6).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { TURN_MS, Turn } from "../session/turn.js";
import type { TreeFile } from "../tree/file-tree.js";
import { applyAttributes } from "./apply-attributes.js";
import type { GeneratorContext } from "./context.js";
import type { Candidate } from "./quick-check.js";

const CHUNK_BYTES = 256 << 10;

/** Makes `path` a copy of `source` with the attributes of `entry`; there is nothing until it is whole. */
export async function copyLocally(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  source: Candidate,
): Promise<void> {
  const { session, destination, phases } = context;
  const { tree, privileges } = destination;
  const from = await source.tree.open(source.path);
  try {
    const { file, path: temporary } = await tree.createTemporary(path, entry.mode);
    phases.temporaries.add(temporary);
    try {
      await copyContent(from, source.stat.size, file);
      await applyAttributes(file, entry, {
        options: session.options,
        privileges,
        stat: await file.stat(),
        replacedMode: null,
        exactTimes: true,
        extended: destination.extended?.planFor("generator", temporary, path) ?? null,
      });
      await file.close();
      await tree.rename(temporary, path);
    } catch (error) {
      await file.close();
      await tree.removeFile(temporary);
      throw error;
    } finally {
      phases.temporaries.delete(temporary);
    }
  } finally {
    await from.close();
  }
}

async function copyContent(from: TreeFile, size: number, to: TreeFile): Promise<void> {
  const chunk = new Uint8Array(Math.min(size + 1, CHUNK_BYTES));
  const turn = new Turn(TURN_MS);
  for (;;) {
    const count = await from.read(chunk);
    if (count === 0) return;
    await to.write(chunk.subarray(0, count));
    if (turn.isOver) await turn.pass();
  }
}
