/**
 * Interop tests wait for programs synchronously, so a whole file of them could pass without one turn of the event loop; vitest
 * would take the worker for dead after a minute.
 */
import { setImmediate } from "node:timers/promises";
import { afterEach } from "vitest";

afterEach(async () => {
  await setImmediate();
});
