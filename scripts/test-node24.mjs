// Runs the unit and vector tests under Node 24. The npm registry carries Node itself, so nothing else is needed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const name = `node-linux-${process.arch}`;
const home = `${root}node_modules/.cache/node24`;
const node = `${home}/node_modules/${name}/bin/node`;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(node)) {
  const quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  run("npm", ["install", ...quiet, `--prefix=${home}`, `${name}@24`]);
}
run(node, ["--version"]);
run(node, ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", ...process.argv.slice(2)]);
