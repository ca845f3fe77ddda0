/**
 * The history of a target: directories of days, in which the receiver keeps what it overwrites or deletes. Those that are
 * older than asked for are removed, once a day (spec 6, 4.6).
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { type ConnectionOptions, RemoteDirectory } from "tsrsync";
import type { TargetSettings } from "../config/settings.js";
import type { TargetAddress } from "./address.js";
import type { RootPlace } from "./root-place.js";
import { dayOf } from "./session-words.js";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export class History {
  readonly #remote: RemoteDirectory;
  readonly #keepMs: number;
  /** When it was last looked through. */
  #lookedAt = "";

  private constructor(remote: RemoteDirectory, keepMs: number) {
    this.#remote = remote;
    this.#keepMs = keepMs;
  }

  /** `null` for a target that keeps none. */
  static of(
    { history }: TargetSettings,
    address: TargetAddress,
    options: ConnectionOptions & { args?: readonly string[] },
  ): History | null {
    if (history.dir === null) return null;
    return new History(
      new RemoteDirectory(historyAddress(address, history.dir), options),
      history.keep,
    );
  }

  /** Removes the days that are over, unless that was done today. Rejects as a session does. */
  async expire(now: Date, place: RootPlace, signal: AbortSignal | undefined): Promise<void> {
    const today = dayOf(now);
    if (this.#lookedAt === today) return;
    this.#lookedAt = today;
    const oldest = byteStringFromText(dayOf(new Date(now.getTime() - this.#keepMs)));
    const args = ["--no-recursive", "--dirs"];
    const { entries } = await this.#remote.list("", { args, signal });
    const missing = entries.map(({ name }) => name).filter((name) => isOver(name, oldest));
    if (missing.length === 0) return;
    const selection = { present: [], missing, moved: [], keepsHardLinks: false };
    await this.#remote.push(place.path, selection, { place, signal });
  }
}

function isOver(name: ByteString, oldest: ByteString): boolean {
  return DAY.test(name) && name < oldest;
}

/** Where the history of a target is: an absolute one in the module, or on the machine behind a shell. */
function historyAddress({ remote, directory }: TargetAddress, dir: string): string {
  const plain = dir.replace(/\/+$/, "");
  if (!plain.startsWith("/")) return `${remote}${plain}/`;
  const base = remote.slice(0, remote.length - `${directory}/`.length);
  return `${base}${plain}/`;
}
