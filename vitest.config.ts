import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("./packages", import.meta.url));

// Tests run on the sources, so a stale build can not hide a change.
const alias = [
  {
    find: /^@tsrsync\/(protocol|transfer)\/(.+)$/,
    replacement: `${packages}/$1/src/$2/index.ts`,
  },
  {
    find: /^@tsrsync\/(protocol|transfer|server|watcher)$/,
    replacement: `${packages}/$1/src/index.ts`,
  },
  { find: /^tsrsync$/, replacement: `${packages}/client/src/index.ts` },
];

export default defineConfig({
  test: {
    // Two files at a time, also on two cores: interop tests wait more than they work.
    minWorkers: 1,
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          // A machine that has much else to do is no failure.
          testTimeout: 30_000,
          include: [
            "packages/*/src/**/*.test.ts",
            "bench/src/**/*.test.ts",
            "tests/support/**/*.test.ts",
            "tests/fuzz/**/*.test.ts",
          ],
        },
      },
      {
        resolve: { alias },
        test: {
          name: "interop",
          include: ["tests/interop/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          setupFiles: ["tests/support/let-the-loop-turn.ts"],
        },
      },
    ],
  },
});
