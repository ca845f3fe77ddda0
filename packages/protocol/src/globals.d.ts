/**
 * The few names from outside ECMAScript that this package may use. Everything else (Buffer, process, timers, fs) is a
 * compile error here, which is what keeps the package pure.
 */

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
