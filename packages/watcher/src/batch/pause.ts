/**
 * Long work lets others run now and then.
 * @module
 */

/** Looks between two pauses: about five milliseconds on a warm cache. */
const LOOKS = 1000;

/** Counts looks at the file system. */
export class Pause {
  #left = LOOKS;

  /** Call it before each look. It costs nothing but every thousandth time. */
  afterLook(): Promise<void> | undefined {
    if (--this.#left > 0) return undefined;
    this.#left = LOOKS;
    return new Promise((resolve) => setImmediate(resolve));
  }
}
