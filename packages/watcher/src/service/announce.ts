/**
 * Tells the service manager how a mirror comes up.
 * @module
 */
import type { MirrorControl } from "../control/types.js";
import type { MirrorEventSource } from "../events/mirror-events.js";
import type { ServiceManager } from "./service-manager.js";
import { followStatusLine } from "./status-line.js";

/** How long a walk may take before the manager is told that the service is up: changes are seen and pushed already. */
const SCANNING_IS_READY_MS = 20_000;

/**
 * Tells the manager that the mirror is ready when `started` resolves, or when it has walked its roots for a while, and keeps the
 * line for people. Returns what ends that.
 */
export function announce(
  manager: ServiceManager,
  mirror: Pick<MirrorControl, "status"> & MirrorEventSource,
  started: Promise<void>,
): () => void {
  const stopLine = followStatusLine(manager, () => mirror.status(), mirror);
  let timer: NodeJS.Timeout | null = setTimeout(ready, SCANNING_IS_READY_MS);
  timer.unref();

  function forget(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }
  function ready(): void {
    if (timer === null) return;
    forget();
    manager.ready();
  }

  started.then(ready, forget);
  return () => {
    forget();
    stopLine();
  };
}
