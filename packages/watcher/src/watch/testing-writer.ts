/**
 * For tests: threads that change a directory tree at random.
 * @module
 */
import { Worker } from "node:worker_threads";

/** Plain JavaScript, since a thread can not run what tests are written in. `workerData`: the options of {@link startWriter}. */
const WRITER = `
const fs = require("node:fs");
const { workerData, parentPort } = require("node:worker_threads");
const { root, outside, operations } = workerData;
let state = workerData.seed >>> 0 || 1;
function random(below) {
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % below;
}
const NAMES = ["a", "b", "c", "d", "\\u0001x", "\\n", "$y", "z z"];
function name() { return NAMES[random(NAMES.length)]; }
function place() {
  let path = root;
  for (let depth = random(4); depth > 0; depth--) path += "/" + name();
  return path + "/" + name();
}
const held = [];
const actions = [
  () => fs.mkdirSync(place()),
  () => {
    // Not with { recursive: true }: Node never ends where a link on the way leads nowhere.
    let path = root;
    for (const part of place().slice(root.length + 1).split("/")) {
      path += "/" + part;
      try { fs.mkdirSync(path); } catch {}
    }
  },
  () => fs.writeFileSync(place(), "x".repeat(random(5))),
  () => fs.writeFileSync(place(), String(random(1e6))),
  () => fs.appendFileSync(place(), "y"),
  () => fs.truncateSync(place(), random(3)),
  () => fs.rmdirSync(place()),
  () => workerData.links && fs.linkSync(place(), place()),
  () => fs.symlinkSync(name(), place()),
  () => fs.chmodSync(place(), 0o700 + random(64)),
  () => fs.utimesSync(place(), random(1000), random(1000)),
  () => held.push(fs.openSync(place(), "a")),
  () => { if (held.length) fs.writeSync(held[random(held.length)], "z"); },
  () => { if (held.length) fs.closeSync(held.splice(random(held.length), 1)[0]); },
  () => {
    const from = place(), to = place();
    fs.mkdirSync(to);
    for (const one of fs.readdirSync(from)) fs.copyFileSync(from + "/" + one, to + "/" + one);
  },
  () => fs.copyFileSync(place(), place()),
  () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, random(4)),
];
// Whoever writes by way of a link and removes it at once leaves nothing to find the other names by.
if (!workerData.links) actions.push(
  () => fs.unlinkSync(place()),
  () => fs.rmSync(place(), { recursive: true }),
  () => fs.renameSync(place(), place()),
  () => fs.renameSync(place(), place()),
  () => fs.renameSync(place(), outside + "/" + random(5)),
  () => fs.renameSync(outside + "/" + random(5), place()),
  () => { const at = place(); fs.writeFileSync(at + ".tmp", String(random(1e6))); fs.renameSync(at + ".tmp", at); },
);
if (workerData.follow) actions.push(
  () => fs.symlinkSync(place(), place()),
  () => fs.symlinkSync("../" + name() + "/" + name(), place()),
  () => fs.symlinkSync(outside + "/" + random(5), place()),
  () => fs.symlinkSync(outside + "/" + random(5) + "/" + name(), place()),
  () => { const at = place(); fs.symlinkSync(place(), at + ".tmp"); fs.renameSync(at + ".tmp", at); },
  () => { const at = place(); fs.unlinkSync(at); fs.symlinkSync(outside + "/" + random(5), at); },
  () => fs.mkdirSync(outside + "/" + random(5)),
  () => fs.writeFileSync(outside + "/" + random(5) + "/" + name(), String(random(1e6))),
  () => fs.mkdirSync(outside + "/" + random(5) + "/" + name()),
  () => fs.renameSync(outside + "/" + random(5), outside + "/" + random(5)),
  () => fs.rmSync(outside + "/" + random(5), { recursive: true }),
);
for (let count = 0; count < operations; count++) {
  try { actions[random(actions.length)](); } catch {}
}
for (const file of held) fs.closeSync(file);
`;

/** Lets a writer loose; resolves when it is done and has closed all its files. */
export function startWriter(options: {
  root: string;
  outside: string;
  seed: number;
  operations: number;
  /** Whether hard links are made. */
  links: boolean;
  /** Whether symbolic links to all kinds of directories are made. */
  follow?: boolean;
}): Promise<void> {
  const worker = new Worker(WRITER, { eval: true, workerData: options });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}
