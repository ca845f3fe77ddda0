// Joins the command and its workers into a few files: Node spends about a millisecond on each module that it loads, which
// is most of the time of a short run. Libraries are published as they are compiled; only the programs are bundled.
import { build } from "esbuild";

const path = (name) => new URL(`../packages/${name}`, import.meta.url).pathname;

await build({
  entryPoints: {
    tsrsync: path("client/dist/cli/run.js"),
    "worker-main": path("server/dist/worker/worker-main.js"),
  },
  outdir: path("client/dist/bundle"),
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["koffi", "hash-wasm", "iconv-lite"],
  sourcemap: "linked",
  legalComments: "none",
  logLevel: "warning",
});
