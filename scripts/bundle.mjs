// Joins the command and its workers into a few files: Node spends about a millisecond on each module that it loads, which
// is most of the time of a short run. Libraries are published as they are compiled; only the programs are bundled.
import { build } from "esbuild";

const path = (name) => new URL(`../packages/${name}`, import.meta.url).pathname;

const common = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "linked",
  legalComments: "none",
  logLevel: "warning",
};

await build({
  ...common,
  entryPoints: {
    tsrsync: path("client/dist/cli/run.js"),
    "worker-main": path("server/dist/worker/worker-main.js"),
  },
  outdir: path("client/dist/bundle"),
  external: ["koffi", "hash-wasm", "iconv-lite"],
});

await build({
  ...common,
  entryPoints: {
    "tsrsync-watch": path("watcher/dist/cli/run.js"),
    "reader-main": path("watcher/dist/inotify/reader-main.js"),
  },
  outdir: path("watcher/dist/bundle"),
  // Native code, and what is loaded only by those who use it.
  external: ["koffi", "classic-level", "hash-wasm", "iconv-lite", "nodemailer", "@tsrsync/server"],
  // Some dependencies are CommonJS and ask for Node's modules in its way.
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
});
