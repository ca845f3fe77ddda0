// Removes all build output: tsc leaves the output of deleted sources behind, so releases start from here.
import { existsSync, readdirSync, rmSync } from "node:fs";

const root = new URL("../", import.meta.url);
const packages = readdirSync(new URL("packages/", root)).map((name) => `packages/${name}`);
for (const directory of [...packages, "bench"]) {
  const dist = new URL(`${directory}/dist`, root);
  if (existsSync(dist)) rmSync(dist, { recursive: true });
}
