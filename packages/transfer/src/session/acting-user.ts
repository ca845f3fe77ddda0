/**
 * Whether a side of a session acts as super-user: by its uid, or by `--super`, `--no-super` and `--fake-super`.
 * Spec: docs/protocol/4-command.md, 10; 2-file-list, 2.14.1.
 * @module
 */
import type { Destination } from "../receiver/destination.js";
import { FakeSuperTree } from "../tree/fake-super-tree.js";
import type { FileTree } from "../tree/file-tree.js";
import type { TransferOptions } from "./options.js";

/** A source's tree as this side sees it. */
export function sourceTreeFor({ superUser }: TransferOptions, tree: FileTree): FileTree {
  return superUser === "fake" ? new FakeSuperTree(tree) : tree;
}

/** The destination as this side sees it, with what it may do there. */
export function destinationFor(
  { superUser }: TransferOptions,
  destination: Destination,
): Destination {
  if (superUser === "auto") return destination;
  const privileges = { ...destination.privileges, superUser: superUser !== "off" };
  if (superUser !== "fake") return { ...destination, privileges };
  const fake = (tree: FileTree): FileTree => new FakeSuperTree(tree);
  const alternates = (destination.alternates ?? []).map(({ tree, ...rest }) => ({
    ...rest,
    tree: tree === null ? null : fake(tree),
  }));
  return {
    ...destination,
    privileges,
    alternates,
    tree: fake(destination.tree),
    async enterAside(path) {
      const { tree, ...rest } = await destination.enterAside(path);
      return { ...rest, tree: fake(tree) };
    },
  };
}
