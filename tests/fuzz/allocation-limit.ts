/**
 * Watches what a decoder allocates: a length that the peer only claims must not cost memory.
 */

type Constructor = new (...args: never[]) => object;

/** Constructors whose first argument can be a count, and the bytes of each. */
const WATCHED: readonly (readonly [string, number])[] = [
  ["ArrayBuffer", 1],
  ["Uint8Array", 1],
  ["Uint16Array", 2],
  ["Uint32Array", 4],
  ["Int32Array", 4],
  ["Float64Array", 8],
  ["Array", 8],
];

/** Thrown into a decoder that wants more memory than its input can justify. */
export class AllocationError extends Error {}

/** Runs `work`; asking for more than `limit` bytes in all by number makes it fail with an `AllocationError`. */
export function withAllocationLimit<T>(limit: number, work: () => T): T {
  const globals = globalThis as unknown as Record<string, Constructor>;
  let left = limit;
  const originals = WATCHED.map(([name]) => globals[name]!);
  WATCHED.forEach(([name, size], i) => {
    globals[name] = new Proxy(originals[i]!, {
      construct(target, args: never[], newTarget) {
        if (typeof args[0] === "number") left -= args[0] * size;
        if (left < 0) throw new AllocationError(`${name}(${args[0]}) is beyond the limit`);
        return Reflect.construct(target, args, newTarget === globals[name] ? target : newTarget);
      },
    });
  });
  try {
    return work();
  } finally {
    WATCHED.forEach(([name], i) => {
      globals[name] = originals[i]!;
    });
  }
}
