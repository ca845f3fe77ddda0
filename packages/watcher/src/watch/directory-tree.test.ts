import fc from "fast-check";
import { expect, test } from "vitest";
import { DirectoryTree, NO_NODE, NO_WATCH, ROOT } from "./directory-tree.js";

/** The same as an ordinary tree of objects. */
interface ModelNode {
  id: number;
  parent: ModelNode | null;
  name: string;
  watch: number;
  children: Map<string, ModelNode>;
}

function modelPath(node: ModelNode): string {
  if (node.parent === null) return "";
  const parent = modelPath(node.parent);
  return parent === "" ? node.name : `${parent}/${node.name}`;
}

function all(node: ModelNode): ModelNode[] {
  return [node, ...[...node.children.values()].flatMap(all)];
}

const NAME = fc.constantFrom("a", "b", "c", "\xff", "longer name with spaces", "x".repeat(255));
const COMMAND = fc.record({
  kind: fc.constantFrom("add", "add", "add", "remove", "move", "detach and move"),
  at: fc.nat(),
  to: fc.nat(),
  name: NAME,
});

test("the tree is what a tree of objects is, whatever is done to it", () => {
  fc.assert(
    fc.property(fc.array(COMMAND, { maxLength: 300 }), (commands) => {
      const tree = new DirectoryTree();
      const root: ModelNode = { id: ROOT, parent: null, name: "", watch: -1, children: new Map() };
      let nextWatch = 1;
      for (const { kind, at, to, name } of commands) {
        const nodes = all(root);
        const node = nodes[at % nodes.length]!;
        if (kind === "add") {
          if (node.children.has(name)) continue;
          const id = tree.add(node.id, name);
          const watch = nextWatch++;
          tree.setWatch(id, watch);
          node.children.set(name, { id, parent: node, name, watch, children: new Map() });
        } else if (node.parent === null) {
        } else if (kind === "remove") {
          const told: number[] = [];
          tree.remove(node.id, (id) => told.push(tree.watch(id)));
          expect(told.sort()).toEqual(
            all(node)
              .map(({ watch }) => watch)
              .sort(),
          );
          node.parent.children.delete(node.name);
        } else {
          const target = nodes[to % nodes.length]!;
          if (target.children.has(name) || all(node).includes(target)) continue;
          if (kind === "detach and move") {
            tree.detach(node.id);
            for (const { id } of all(node)) expect(tree.path(id)).toBeNull();
          }
          tree.move(node.id, target.id, name);
          node.parent.children.delete(node.name);
          node.parent = target;
          node.name = name;
          target.children.set(name, node);
        }
      }
      check(tree, root);
    }),
    { numRuns: 60 },
  );
});

function check(tree: DirectoryTree, root: ModelNode): void {
  const nodes = all(root);
  expect(tree.count).toBe(nodes.length);
  for (const node of nodes) {
    expect(tree.path(node.id)).toBe(modelPath(node));
    expect(tree.watch(node.id)).toBe(node.watch);
    if (node.watch !== NO_WATCH) expect(tree.byWatch(0, node.watch)).toBe(node.id);
    for (const name of ["a", "b", "c", "none"]) {
      expect(tree.find(node.id, name)).toBe(node.children.get(name)?.id ?? NO_NODE);
    }
    const children: string[] = [];
    for (let at = tree.firstChild(node.id); at !== NO_NODE; at = tree.nextSibling(at)) {
      children.push(tree.name(at));
    }
    expect(children.sort()).toEqual([...node.children.keys()].sort());
  }
}

test("a hundred thousand directories take less than 150 bytes each", () => {
  const tree = new DirectoryTree();
  let watch = 1;
  for (let top = 0; top < 100; top++) {
    const parent = tree.add(ROOT, `top-directory-${top}`);
    for (let at = 0; at < 1000; at++) tree.setWatch(tree.add(parent, `directory-${at}`), watch++);
  }
  expect(tree.bytes / tree.count).toBeLessThan(150);
});

test("names that are given up do not stay for ever", () => {
  const tree = new DirectoryTree();
  const node = tree.add(ROOT, "first");
  for (let at = 0; at < 20_000; at++) tree.move(node, ROOT, `a name that is rather long ${at}`);
  expect(tree.path(node)).toBe("a name that is rather long 19999");
  expect(tree.bytes).toBeLessThan(300_000);
});
