export {
  type HashState,
  STAGING,
  STAGING_BYTES,
  type XxhFunctions,
  type XxhName,
} from "./hash-kernel.js";
export { FREE_FROM, type IndexLayout, type Kernel } from "./kernel.js";
export { acquireKernel, createKernel, releaseKernel, sharedKernel } from "./kernel-pool.js";
export { PlainKernel } from "./plain-kernel.js";
export { kernelOf, WasmKernel } from "./wasm-kernel.js";
