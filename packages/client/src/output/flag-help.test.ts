import { DEBUG_FLAGS, INFO_FLAGS } from "@tsrsync/protocol/arguments";
import { expect, test } from "vitest";
import { debugHelp, infoHelp } from "./flag-help.js";

test.each([
  ["info", INFO_FLAGS, infoHelp()],
  ["debug", DEBUG_FLAGS, debugHelp()],
] as const)("the table of --%s names each flag once", (_option, flags, table) => {
  const lines = table.split("\n");
  for (const flag of flags) {
    expect(lines.filter((line) => line.startsWith(`${flag.padEnd(10)} `))).toHaveLength(1);
  }
});

test("a table ends with what -v adds", () => {
  expect(infoHelp().split("\n").slice(-3)).toEqual([
    "0) NONREG",
    "1) COPY,DEL,FLIST,MISC,NAME,STATS,SYMSAFE",
    "2) BACKUP,MISC2,MOUNT,NAME2,REMOVE,SKIP",
  ]);
  expect(debugHelp().split("\n").at(-1)).toBe("5) CHDIR,DELTASUM4,FLIST4,FUZZY2,HASH,HLINK");
});
