/**
 * The trees that a session enters, so that a program with many sessions can let go of them.
 * @module
 */
import type { DestinationPlace, FileTree, SourcePlace } from "@tsrsync/transfer";

export class OpenedTrees {
  #trees: FileTree[] = [];

  /** The place, with its trees noted. */
  sources(place: SourcePlace): SourcePlace {
    return {
      ...place,
      enter: async (directory, linksLeadOut) =>
        this.#note(await place.enter(directory, linksLeadOut)),
    };
  }

  destination(place: DestinationPlace): DestinationPlace {
    return {
      ...place,
      enter: async (path, followLinks, links) =>
        this.#note(await place.enter(path, followLinks, links)),
      enterAside: async (directory, path, links) => {
        const found = await place.enterAside(directory, path, links);
        this.#note(found.tree);
        return found;
      },
    };
  }

  /** Closes them all: nobody may be at work in them any more. */
  async close(): Promise<void> {
    const trees = this.#trees;
    this.#trees = [];
    for (const tree of trees) await tree.close();
  }

  #note(tree: FileTree): FileTree {
    this.#trees.push(tree);
    return tree;
  }
}
