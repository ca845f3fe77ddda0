import { createEntry } from "@tsrsync/protocol/file-list";
import { expect, test } from "vitest";
import { mapGroups, mapUsers } from "./map-ids.js";

const entries = () => [0, 5, 6, 7].map((id) => createEntry("f", 0o100644, 0, 0, 0, id, id));
const announced = [
  { id: 5, name: "five" },
  { id: 6, name: "nobody here" },
  { id: 0, name: "root" },
];
const lookup = (name: string) => ({ five: 55, root: 99 })[name] ?? null;

test("names win, unknown names and nameless ids stay numbers, and 0 stays 0", () => {
  const users = entries();
  mapUsers(users, announced, lookup);
  expect(users.map(({ uid }) => uid)).toEqual([0, 55, 6, 7]);
  expect(users.map(({ gid }) => gid)).toEqual([0, 5, 6, 7]);
  const groups = entries();
  mapGroups(groups, announced, lookup);
  expect(groups.map(({ gid }) => gid)).toEqual([0, 55, 6, 7]);
});
