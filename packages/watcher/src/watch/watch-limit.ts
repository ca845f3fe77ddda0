/**
 * Says, once in a while, that the kernel grants too few watches, and how many are needed.
 * @module
 */
import { readFileSync } from "node:fs";
import type { RootListener } from "./root-watcher.js";

const LIMIT_FILE = "/proc/sys/fs/inotify/max_user_watches";
/** Half as many again as there are directories, for those to come. */
const RESERVE = 1.5;
const LEAST = 524_288;

/** Who is told: people in words, programs in numbers. */
type Listener = Pick<RootListener, "warned" | "watchLimit">;

export class WatchLimitWarning {
  readonly #listener: Listener;
  #told = 0;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Takes the present numbers; tells them when they are new, or twice as bad as those told last. */
  update(watches: number, polled: number, intervalMs: number): void {
    if (polled === 0 && this.#told > 0) {
      this.#listener.watchLimit?.({ polled, limit: Number(readLimit()) || 0, needed: 0 });
      this.#told = 0;
    }
    if (polled === 0 || polled < this.#told * 2) return;
    this.#told = polled;
    const needed = Math.max(LEAST, Math.ceil((watches + polled) * RESERVE));
    const limit = readLimit();
    this.#listener.watchLimit?.({ polled, limit: Number(limit) || 0, needed });
    this.#listener.warned(
      `the kernel grants no more watches (fs.inotify.max_user_watches is ${limit}): ` +
        `${watches} directories are watched, ${polled} are looked at every ${intervalMs / 1000} s; ` +
        `set it with: sysctl -w fs.inotify.max_user_watches=${needed}`,
    );
  }
}

function readLimit(): string {
  try {
    return readFileSync(LIMIT_FILE, "latin1").trim();
  } catch {
    return "unknown";
  }
}
