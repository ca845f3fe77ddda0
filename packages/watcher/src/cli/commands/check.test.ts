import { expect, test } from "vitest";
import type { TargetSettings } from "../../config/settings.js";
import { type Target, TargetError } from "../../target/target.js";
import type { Capabilities, PushOutcome, PushPlan } from "../../target/types.js";
import { runFake } from "../testing-world.js";

const FILES = {
  "/etc/tsrsync/watch.yaml":
    "version: 1\nroots: [{path: /data/www, targets: [{name: web, url: 'rsync://h/www'}]}]\n",
  "/data/www/x": "",
};

const ALL: Capabilities = {
  missingArguments: true,
  deletes: true,
  hardLinks: true,
  renameOptions: [],
  nanoseconds: true,
};
const NOTHING: PushOutcome = {
  ...{
    failed: new Map(),
    problems: [],
    files: 0,
    bytes: 0,
    sentBytes: 0,
    matchedBytes: 0,
    deleted: 0,
  },
};

interface Behaviour {
  capabilities?: Partial<Capabilities>;
  probe?: TargetError;
  push?: (plan: PushPlan) => PushOutcome;
  mtime?: number;
}

/** A target that does as it is told, and the plans that it was given. */
async function check(behaviour: Behaviour, words: string[] = []) {
  const plans: PushPlan[] = [];
  const settings: TargetSettings[] = [];
  let open = 0;
  const createTarget = async (_: string, given: TargetSettings): Promise<Target> => {
    settings.push(given);
    open++;
    return {
      probe: async () => {
        if (behaviour.probe !== undefined) throw behaviour.probe;
        return { ...ALL, ...behaviour.capabilities };
      },
      reach: async () => {},
      push: async (plan) => {
        plans.push(plan);
        return behaviour.push?.(plan) ?? NOTHING;
      },
      list: async () =>
        plans[0]!.items.map((path) => ({
          path,
          mode: 0o100644,
          size: 1,
          mtime: behaviour.mtime ?? Math.floor(Date.now() / 1000),
        })),
      verify: () => Promise.reject(new Error("not expected")),
      warm: () => {},
      close: async () => void open--,
    };
  };
  const ran = await runFake(["check", ...words], { files: FILES, services: { createTarget } });
  expect(open).toBe(0);
  return { ...ran, plans, settings };
}

test("a target that takes everything is fine, and keeps nothing of the trial", async () => {
  const { code, out, error, plans } = await check({});
  expect([code, error]).toEqual([0, ""]);
  expect(out).toBe("www web rsync://h/www: ok\n1 roots, 1 targets, 0 warnings");
  expect(plans).toHaveLength(2);
  expect(plans[0]!.items).toHaveLength(2);
  expect(plans[1]!.deletes).toEqual(plans[0]!.items);
  expect(plans[0]!.items[0]).toMatch(/^\.tsrsync-check-[0-9a-f]{16}$/);
});

test("the trial leaves the target's own settings for login and place as they are", async () => {
  const { settings } = await check({});
  expect(settings[1]).toMatchObject({
    url: settings[0]!.url,
    auth: settings[0]!.auth,
    rsync: { options: ["-lp"] },
    history: { dir: null },
  });
});

test.each([
  ["refused", 'refused: auth failed on module "www"', 'auth failed on module "www"'],
  ["unreachable", "can not be reached: connection refused", "connection refused"],
  ["busy", "all connections are taken: max connections", "max connections"],
  ["full", "no space left there: disk full", "disk full"],
  ["protocol", "the protocol broke: bad", "bad"],
] as const)("a target that is %s makes it end with 1", async (failureClass, expected, message) => {
  const { code, out, error } = await check({
    probe: new TargetError(failureClass, 5, message, { problems: ["detail"] }),
  });
  expect(code).toBe(1);
  expect(out).toContain("www web rsync://h/www: wrong");
  expect(error).toBe(`  error: ${expected}\n  error: detail`);
});

test("files that can not be written or deleted are errors", async () => {
  const fail = (plan: PushPlan) => ({
    ...NOTHING,
    failed: new Map(
      [...plan.items, ...plan.deletes].slice(0, 1).map((path) => [path, "permission denied"]),
    ),
  });
  const { code, error } = await check({ push: fail });
  expect(code).toBe(1);
  expect(error).toBe("  error: writing: permission denied\n  error: deleting: permission denied");
});

test("what it can not do is told", async () => {
  const { code, out, plans } = await check({
    capabilities: {
      missingArguments: false,
      deletes: false,
      hardLinks: false,
      renameOptions: [],
      nanoseconds: false,
    },
  });
  expect(code).toBe(0);
  expect(out).toContain("it refuses to delete");
  expect(out).toContain("it does not take hard links: renamed files are sent again");
  expect(out).toContain("each name of a file becomes a file of its own there");
  expect(out).toContain("it keeps whole seconds");
  expect(plans.map(({ items }) => items.length)).toEqual([1]);
});

test("clocks that differ are told", async () => {
  expect((await check({ mtime: Math.floor(Date.now() / 1000) + 600 })).out).toMatch(
    /its clock is (599|600) s ahead/,
  );
  expect((await check({ mtime: Math.floor(Date.now() / 1000) - 60 })).out).toMatch(
    /its clock is 6[01] s behind/,
  );
});

test("a root that does not exist is an error", async () => {
  const files = { "/etc/tsrsync/watch.yaml": FILES["/etc/tsrsync/watch.yaml"] };
  expect(await runFake(["check"], { files })).toMatchObject({
    code: 1,
    error: "  error: the root /data/www does not exist",
  });
});

test("--offline looks at the configuration only, --json is for programs", async () => {
  expect(await runFake(["check", "--offline"], { files: FILES })).toMatchObject({
    code: 0,
    out: "1 roots, 1 targets, 0 warnings",
  });
  const { out } = await check({}, ["--json"]);
  expect(JSON.parse(out)).toMatchObject({
    warnings: [],
    targets: [{ root: "www", target: "web", errors: [], clockSkewSeconds: 0 }],
  });
});
