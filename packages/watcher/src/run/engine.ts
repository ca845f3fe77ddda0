/**
 * How V8 compiles the program. A mirror that is live does a little of everything, now and then: a push of a few files calls more than
 * a thousand functions, none of them often. As it is, V8 goes on for hours to optimize one after the other, in threads beside ours,
 * and throws some of it away again: a sixth of a mirror's CPU time, for code that runs a few times per second.
 * @module
 */
import { setFlagsFromString } from "node:v8";

/** V8's own is about 132,000 (bytes of bytecode that a function has run). */
const OPTIMIZED_AFTER = 2_000_000;

/** Machine code without optimization is made at once, and optimized only where it runs for long. For after the first walk. */
export function compileForRareCalls(): void {
  setFlagsFromString("--always-sparkplug");
  setFlagsFromString(`--interrupt-budget=${OPTIMIZED_AFTER}`);
}
