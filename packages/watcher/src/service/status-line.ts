/**
 * A mirror in one line, for `systemctl status`.
 * @module
 */
import type { MirrorStatus } from "../control/types.js";
import { listenAll } from "../events/listen.js";
import type { MirrorEventSource } from "../events/mirror-events.js";
import type { ServiceManager } from "./service-manager.js";

const INTERVAL_MS = 1000;
const MAX_TROUBLES = 3;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `2 roots, 3 targets, 1 up to date, 17 paths to go (4 s); www/web1: backing-off (connection refused)` */
export function formatStatusLine({ roots }: MirrorStatus): string {
  const targets = roots.flatMap((root) =>
    root.targets.map((target) => ({ root: root.name, ...target })),
  );
  const dirty = targets.reduce((sum, target) => sum + target.dirty, 0);
  const lag = Math.ceil(Math.max(0, ...targets.map(({ lagSeconds }) => lagSeconds)));
  const current = targets.filter((target) => target.dirty === 0).length;
  const counts = `${plural(roots.length, "root")}, ${plural(targets.length, "target")}, ${current} up to date`;
  const rest = dirty > 0 ? `, ${plural(dirty, "path")} to go (${lag} s)` : "";
  const troubles = [
    ...roots
      .filter(({ state }) => state !== "live")
      .map(({ name, state, reason }) => ({ name, state, reason })),
    ...targets
      .filter(({ state }) => state !== "idle" && state !== "pushing")
      .map(({ root, name, state, reason }) => ({ name: `${root}/${name}`, state, reason })),
  ].map(({ name, state, reason }) => `; ${name}: ${state}${reason === "" ? "" : ` (${reason})`}`);
  const more = troubles.length > MAX_TROUBLES ? `; and ${troubles.length - MAX_TROUBLES} more` : "";
  return counts + rest + troubles.slice(0, MAX_TROUBLES).join("") + more;
}

/** Keeps the line of a manager that is there up to date, at most once a second and only when something happened. Returns what ends that. */
export function followStatusLine(
  manager: ServiceManager,
  status: () => MirrorStatus,
  events: MirrorEventSource,
): () => void {
  if (!manager.isThere) return () => {};
  let timer: NodeJS.Timeout | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;
  const tell = (): void => {
    timer = null;
    lastAt = performance.now();
    manager.status(formatStatusLine(status()));
  };
  const touch = (): void => {
    timer ??= setTimeout(tell, Math.max(0, lastAt + INTERVAL_MS - performance.now())).unref();
  };
  const stop = listenAll(events, {
    pushed: touch,
    failed: touch,
    idle: touch,
    state: touch,
    root: touch,
    guard: touch,
    held: touch,
  });
  touch();
  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}
