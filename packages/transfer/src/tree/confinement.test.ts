import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confinementOf } from "./confinement.js";
import { openOperatorDirectory } from "./operator-directory.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-confinement-`);

beforeAll(() => {
  for (const name of ["in/sub", "inside", "out"]) mkdirSync(`${work}/${name}`, { recursive: true });
  symlinkSync("../out", `${work}/in/leads-out`);
  symlinkSync("in", `${work}/alias`);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const cases: [path: string, isInside: boolean][] = [
  ["in", true],
  ["in/sub", true],
  ["alias/sub", true],
  ["in/leads-out", false],
  ["in/sub/../../out", false],
  ["inside", false],
  ["", false],
];

test.each(cases)("%j is inside: %s", (path, isInside) => {
  for (const root of [`${work}/in`, `${work}/alias/`]) {
    const within = confinementOf(root);
    const descriptor = openSync(`${work}/${path}`, "r");
    const admissions = [
      () => within?.admitOpen(descriptor, path),
      () => within?.admitPath(`${work}/${path}`),
      () =>
        openOperatorDirectory(`${work}/${path}`, "own", {
          followLinks: false,
          within,
        }).tree.close(),
    ];
    for (const admit of admissions) {
      if (isInside) expect(admit).not.toThrow();
      else expect(admit).toThrow(/ELOOP/);
    }
    closeSync(descriptor);
  }
});

test("the root of all confines nothing, one that is not there everything", () => {
  expect(() => confinementOf("/")?.admitPath(`${work}/out`)).not.toThrow();
  expect(() => confinementOf(`${work}/nowhere`)?.admitPath(`${work}/out`)).toThrow(/ELOOP/);
  expect(() => confinementOf(`${work}/nowhere`)?.admitPath(`${work}/neither`)).toThrow(/ELOOP/);
  expect(confinementOf(null)).toBeNull();
});

test("what is missing may be made inside only", () => {
  const within = confinementOf(`${work}/in`);
  const open = (path: string) =>
    openOperatorDirectory(`${work}/${path}`, "own", { followLinks: false, within });
  const { tree, missing } = open("in/new/dir");
  tree.close();
  expect(missing).toBe("new/dir");
  expect(() => open("out/new")).toThrow(/ELOOP/);
});
