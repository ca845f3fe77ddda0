/**
 * setsockopt(2) and getsockopt(2), of which Node knows only a few options.
 * @module
 */
import { bindRequired, type Library } from "./library.js";

/** Calls on a socket's descriptor for options whose value is an `int`. */
export interface SocketCalls {
  /** Returns 0 or a negated errno. */
  setSocketOption(descriptor: number, level: number, option: number, value: number): number;
  /** Returns the value, which is never negative for the options in use here, or a negated errno. */
  socketOption(descriptor: number, level: number, option: number): number;
}

/** Binds the calls of this file. */
export function bindSocket(library: Library): SocketCalls {
  const set = bindRequired(library, "int", "setsockopt", ["int", "int", "int", "void *", "uint"]);
  const get = bindRequired(library, "int", "getsockopt", ["int", "int", "int", "void *", "void *"]);
  return {
    setSocketOption: (descriptor, level, option, value) =>
      library.outcome(set(descriptor, level, option, bytesOf(value), 4)),
    socketOption(descriptor, level, option) {
      const value = bytesOf(0);
      const outcome = library.outcome(get(descriptor, level, option, value, bytesOf(4)));
      return outcome < 0 ? outcome : (new Int32Array(value.buffer)[0] ?? 0);
    },
  };
}

const bytesOf = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
