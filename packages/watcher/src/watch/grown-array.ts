/**
 * Larger copies of typed arrays.
 * @module
 */

type NumberArray = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The same numbers with room for `capacity` of them. */
export function grown<A extends NumberArray>(array: A, capacity: number): A {
  const larger = new (array.constructor as new (length: number) => A)(capacity);
  larger.set(array);
  return larger;
}
