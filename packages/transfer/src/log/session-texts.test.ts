import { expect, test } from "vitest";
import { totalsText } from "./session-texts.js";

test("the totals have two blanks between their groups, and no separators", () => {
  expect(totalsText(1307, 101, 6)).toBe("sent 1307 bytes  received 101 bytes  total size 6");
});
