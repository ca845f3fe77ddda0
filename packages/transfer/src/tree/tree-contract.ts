/**
 * What every {@link FileTree} must do, as tests. Not part of the public face.
 *
 * All of it is told through trees: a *base* that holds the directories `root` and `outside`, and trees under test that
 * are rooted at `root`. The base serves as the other user of the machine, who swaps directories for links.
 * @module
 */
import { afterEach, beforeEach, describe } from "vitest";
import { testAttributes } from "./tree-contract-attributes.js";
import { testConfinement } from "./tree-contract-confinement.js";
import { type ContractContext, type ContractSubject, writeText } from "./tree-contract-context.js";
import { testExtendedAttributes } from "./tree-contract-extended.js";
import { testFiles } from "./tree-contract-files.js";
import { testItems } from "./tree-contract-items.js";
import { testNames } from "./tree-contract-names.js";
import { testRemoval } from "./tree-contract-removal.js";
import { testSubtrees } from "./tree-contract-subtrees.js";
import { testTemporaries } from "./tree-contract-temporaries.js";
import { testTwoTrees } from "./tree-contract-two-trees.js";

export type { ContractPlace, ContractSubject } from "./tree-contract-context.js";

/** Defines the tests. */
export function testTreeContract(subject: ContractSubject): void {
  describe(subject.name, () => {
    const context = {} as ContractContext;
    beforeEach(async () => {
      const place = subject.createPlace();
      await place.base.makeDirectory("root", 0o755);
      await place.base.makeDirectory("outside", 0o755);
      await writeText(place.base, "outside/secret", "secret");
      context.place = place;
      context.base = place.base;
      context.tree = place.open("root", false);
      context.following = place.open("root", true);
    });
    afterEach(async () => {
      await context.tree.close();
      await context.following.close();
      context.place.dispose();
    });
    testItems(context, subject);
    testFiles(context);
    testNames(context);
    testRemoval(context);
    testAttributes(context, subject);
    testExtendedAttributes(context);
    testTemporaries(context);
    testTwoTrees(context);
    testSubtrees(context);
    testConfinement(context);
  });
}
