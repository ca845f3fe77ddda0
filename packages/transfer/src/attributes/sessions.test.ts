/**
 * ACLs and extended attributes, with both of our sides over memory trees.
 */
import { ProtocolError } from "@tsrsync/protocol";
import { ACCESS_ACL, DEFAULT_ACL, encodePosixAcl } from "@tsrsync/protocol/attributes";
import { ItemFlag } from "@tsrsync/protocol/item";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { synchronize } from "../testing/sessions.js";
import { MemoryTree } from "../tree/index.js";

const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, "latin1"));
const both = { acls: true, xattrs: 1 };

function put(tree: MemoryTree, path: string): void {
  tree.writeFile(path, text(path), 0o644);
  tree.setTimes(path, null, { seconds: 1000, nanoseconds: 0 });
}

/** All attributes of all items, by path. */
function attributesOf(tree: MemoryTree, path = ""): Record<string, Record<string, string>> {
  const own = tree.listAttributes(path).sort();
  const values = own.map((name) => [
    name,
    Buffer.from(tree.getAttribute(path, name)!).toString("hex"),
  ]);
  let found = { [path]: Object.fromEntries(values) as Record<string, string> };
  if ((tree.stat(path)!.mode & 0o170000) !== 0o040000) return found;
  for (const name of tree.list(path)) {
    found = { ...found, ...attributesOf(tree, path === "" ? name : `${path}/${name}`) };
  }
  return found;
}

const permissions = fc.integer({ min: 0, max: 7 });
const acls = fc.record({
  user: permissions,
  group: permissions,
  mask: permissions,
  other: permissions,
  named: fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      isUser: fc.boolean(),
      permissions,
      name: fc.constant(null),
    }),
    { selector: ({ id, isUser }) => `${id} ${isUser}`, maxLength: 3 },
  ),
});
const items = fc.record({
  xattrs: fc.dictionary(
    fc.constantFrom("user.a", "user.b", "trusted.c", "security.d"),
    fc.uint8Array({ maxLength: 60 }),
  ),
  access: fc.option(acls),
  inherited: fc.option(acls),
});

const PATHS = ["", "dir", "dir/deep", "file", "dir/file", "dir/deep/file"];

type Description = typeof items extends fc.Arbitrary<infer T> ? T : never;

function treeOf(descriptions: readonly Description[]): MemoryTree {
  const tree = new MemoryTree();
  for (const [index, path] of PATHS.entries()) {
    const isDirectory = !path.endsWith("file");
    if (path !== "") {
      if (isDirectory) tree.makeDirectory(path, 0o755);
      else put(tree, path);
    }
    const { xattrs, access, inherited } = descriptions[index]!;
    for (const [name, value] of Object.entries(xattrs)) tree.setAttribute(path, name, value);
    if (access !== null) tree.setAttribute(path, ACCESS_ACL, encodePosixAcl(access));
    if (inherited !== null && isDirectory) {
      tree.setAttribute(path, DEFAULT_ACL, encodePosixAcl(inherited));
    }
  }
  return tree;
}

test.each([
  [32, true],
  [32, false],
  [30, false],
])(
  "any tree gets the attributes of any other one (protocol %d, incremental %s)",
  async (protocol, incremental) => {
    const trees = fc.array(items, { minLength: PATHS.length, maxLength: PATHS.length }).map(treeOf);
    await fc.assert(
      fc.asyncProperty(trees, trees, async (source, target) => {
        const run = { options: both, protocol, incremental };
        const outcome = await synchronize(source, target, run);
        expect(outcome.notices).toEqual([]);
        expect(attributesOf(target)).toEqual(attributesOf(source));
        expect(target.stat("file")!.mode).toBe(source.stat("file")!.mode);
        const again = await synchronize(source, target, run);
        expect(again.items).toEqual({});
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);

describe("long values", () => {
  const LONG = text("v".repeat(1000));
  const options = { xattrs: 1 };

  function sharing(): MemoryTree {
    const source = new MemoryTree();
    for (const path of ["a", "b", "c"]) {
      put(source, path);
      source.setAttribute(path, "user.long", LONG);
    }
    return source;
  }

  test("are sent once for entries that share them", async () => {
    const target = new MemoryTree();
    const outcome = await synchronize(sharing(), target, { options });
    for (const path of ["a", "b", "c"])
      expect(target.getAttribute(path, "user.long")).toEqual(LONG);
    expect(outcome.sender!.output.bytesWritten).toBeLessThan(2 * LONG.length);
  });

  test("stay where they are when the contents change", async () => {
    const target = sharing();
    target.writeFile("a", text("changed"));
    const outcome = await synchronize(sharing(), target, { options });
    expect(outcome.items["a"]!.flags & ItemFlag.Transfer).not.toBe(0);
    expect(outcome.items["a"]!.flags & ItemFlag.ReportXattr).toBe(0);
    expect(target.getAttribute("a", "user.long")).toEqual(LONG);
    expect(outcome.sender!.output.bytesWritten).toBeLessThan(LONG.length);
  });

  test("are taken from an alternate directory", async () => {
    const target = new MemoryTree();
    const run = { options: { ...options, alternateKind: "copy" as const, alternateDirs: ["x"] } };
    const outcome = await synchronize(sharing(), target, { ...run, alternates: [sharing()] });
    expect(target.getAttribute("b", "user.long")).toEqual(LONG);
    expect(outcome.sender!.output.bytesWritten).toBeLessThan(LONG.length);
  });

  test("that changed meanwhile are set as they are now", async () => {
    const source = sharing();
    const { getAttribute } = source;
    let reads = 0;
    source.getAttribute = (path, name) =>
      ++reads > 3 ? text("new") : getAttribute.call(source, path, name);
    const target = new MemoryTree();
    await synchronize(source, target, { options });
    expect(target.getAttribute("a", "user.long")).toEqual(text("new"));
  });

  test("that come unasked are refused", async () => {
    const source = new MemoryTree();
    put(source, "a");
    source.setAttribute("a", "user.long", LONG);
    const reply = Buffer.concat([Buffer.from([1, 0x83, 0xe8]), LONG]);
    const outcome = await synchronize(source, new MemoryTree(), {
      options,
      tamperSender(chunk) {
        const at = chunk.indexOf(reply);
        if (at >= 0) chunk[at] = 2;
        return chunk;
      },
    });
    expect(outcome.receiverError).toBeInstanceOf(ProtocolError);
    expect(outcome.receiverError!.message).toContain("xattr number: expected 1..1, got 2");
  });
});

test("a dry run tells of attributes and changes none", async () => {
  const source = new MemoryTree();
  const target = new MemoryTree();
  for (const tree of [source, target]) put(tree, "a");
  source.setAttribute("a", "user.long", text("v".repeat(100)));
  const outcome = await synchronize(source, target, { options: { ...both, dryRun: true } });
  expect(outcome.items["a"]!.flags).toBe(ItemFlag.ReportXattr);
  expect(target.listAttributes("a")).toEqual([]);
});

test.each([
  [{ acls: true }, "--acls"],
  [{ xattrs: 1 }, "--xattrs"],
])("protocol 29 has no room for %j", async (options, name) => {
  const source = new MemoryTree();
  put(source, "a");
  const outcome = await synchronize(source, new MemoryTree(), { options, protocol: 29 });
  expect(outcome.senderError!.exitCode).toBe(2);
  expect(outcome.senderError!.message).toContain(`${name} requires protocol 30 or higher`);
});

test("a tree whose attributes can not be reached is refused with a text that says so", async () => {
  const source = new MemoryTree();
  put(source, "a");
  Object.defineProperty(source, "reachesAttributes", { value: false });
  const outcome = await synchronize(source, new MemoryTree(), { options: { xattrs: 1 } });
  expect(outcome.senderError!.exitCode).toBe(4);
  expect(outcome.senderError!.message).toContain("extended attributes are not supported");
});
