import { expect, test } from "vitest";
import { splitList } from "./parameter-list.js";

test.each([
  ["joe, sue\tjim\r\nann,,", ["joe", "sue", "jim", "ann"]],
  [", joe smith , sue,", ["joe smith", "sue"]],
  [" \t, a b,c", ["a b", "c"]],
  [", \xa0a\xa0", ["\xa0a\xa0"]],
  [" , ,", []],
  ["", []],
])("%j has the items %j", (list, items) => expect(splitList(list)).toEqual(items));
