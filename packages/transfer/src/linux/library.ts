/**
 * The C library of this process, reached through the optional dependency `koffi`.
 *
 * It is loaded on first use, so that programs which touch no files start fast, and is `null` where it can not be used:
 * `koffi` is not installed, the system is not Linux, or the processor is not one with 64 bits and little-endian order
 * (the structures in this folder are laid out for those).
 * @module
 */
import { createRequire } from "node:module";
import { endianness } from "node:os";

/** The argument types that the calls in this folder use. Buffers are passed as the address of their bytes. */
export type ArgumentType = "int" | "uint" | "int64_t" | "uint64_t" | "size_t" | "void *";

/**
 * What C functions return, -1 on failure. It must be the right one: the upper half of a register that an `int` is
 * returned in is undefined.
 */
export type ResultType = "int" | "long";

/** A bound C function. */
export type NativeFunction = (...args: (number | bigint | Uint8Array | null)[]) => number;

/** What binds C functions and reads their errors. */
export interface Library {
  /** The function `name`, or `null` when this C library does not have it. */
  bind(result: ResultType, name: string, args: readonly ArgumentType[]): NativeFunction | null;
  /**
   * The kernel's own convention for a result: what it was, or the negated errno when it was negative. To be called
   * directly on the result, before anything else can change `errno`.
   */
  outcome(result: number): number;
}

interface Koffi {
  load(path: null): {
    func(name: string, result: string, args: readonly string[]): NativeFunction;
  };
  errno(): number;
}

const PROCESSORS: readonly string[] = ["x64", "arm64", "riscv64", "loong64"];

function openLibrary(): Library | null {
  if (process.platform !== "linux" || !PROCESSORS.includes(process.arch)) return null;
  if (endianness() !== "LE") return null;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const c = koffi.load(null);
    return {
      bind(result, name, args) {
        try {
          return c.func(name, result, args);
        } catch {
          return null; // koffi's way to say that there is no such symbol
        }
      },
      outcome: (result) => (result < 0 ? -koffi.errno() : result),
    };
  } catch {
    return null; // optional dependency: absence is an answer, and the portable tree takes over
  }
}

let library: Library | null | undefined;

/** The C library, or `null` where it can not be used. */
export function loadLibrary(): Library | null {
  if (library === undefined) library = openLibrary();
  return library;
}

/**
 * The function `name`, which every C library for Linux has.
 * @throws Error when this one has not.
 */
export function bindRequired(
  library: Library,
  result: ResultType,
  name: string,
  args: readonly ArgumentType[],
): NativeFunction {
  const bound = library.bind(result, name, args);
  if (bound === null) throw new Error(`the C library has no function ${name}`);
  return bound;
}
