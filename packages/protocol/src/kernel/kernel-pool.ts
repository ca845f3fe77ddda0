/**
 * Kernels for use: one that all share for work that is done before anybody waits, and a few kept for searches, which
 * hold their kernel (window and index lie in its memory) until they are through.
 * @module
 */
import type { Kernel } from "./kernel.js";
import { PlainKernel } from "./plain-kernel.js";
import { WasmKernel } from "./wasm-kernel.js";

/** So many idle kernels are kept. */
const MAX_IDLE = 4;
/** WebAssembly memory never shrinks: a kernel that grew larger than this is left to the garbage collector. */
const MAX_IDLE_BYTES = 8 << 20;

let shared: Kernel | null = null;
const idle: Kernel[] = [];

/** A kernel of its own memory: WebAssembly where the runtime can, else plain. */
export function createKernel(): Kernel {
  try {
    return new WasmKernel();
  } catch {
    return new PlainKernel();
  }
}

/**
 * The kernel that everybody in this thread shares. Its memory from `FREE_FROM` on is scratch: what lies there is lost as
 * soon as the caller waits or calls somebody else who uses it.
 */
export function sharedKernel(): Kernel {
  shared ??= createKernel();
  return shared;
}

/** A kernel that the caller alone uses until it gives it back (or forgets it). */
export function acquireKernel(): Kernel {
  return idle.pop() ?? createKernel();
}

/** Gives back a kernel that was acquired; no view of its memory may be used any more. */
export function releaseKernel(kernel: Kernel): void {
  if (idle.length < MAX_IDLE && kernel.memory.length <= MAX_IDLE_BYTES) idle.push(kernel);
}
