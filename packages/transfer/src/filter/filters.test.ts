/** Filters in whole sessions over memory trees: what no real rsync lets us try. */
import { ProtocolError, type RsyncError } from "@tsrsync/protocol";
import { createEntry } from "@tsrsync/protocol/file-list";
import { FilterList, RuleParser } from "@tsrsync/protocol/filter";
import { BasisType, ItemFlag } from "@tsrsync/protocol/item";
import { describe, expect, test } from "vitest";
import { NO_IDENTITIES } from "../identity/identities.js";
import { emptyDestination } from "../receiver/open-destination.js";
import { ListSender } from "../sender/send-list.js";
import { Sources } from "../sender/sources.js";
import { exchangeFilterList } from "../session/filter-exchange.js";
import { setUpSession } from "../session/set-up.js";
import { duplexPair } from "../testing/pair.js";
import { archiveOptions, synchronize } from "../testing/sessions.js";
import type { FileTree } from "../tree/file-tree.js";
import { MemoryTree } from "../tree/index.js";
import {
  DirectoryFilter,
  type FilterSetup,
  NO_FILTERS,
  RequestedNames,
  RuleFiles,
} from "./index.js";
import { createSessionFilters } from "./session-filters.js";

function treeOf(files: Record<string, string>): MemoryTree {
  const tree = new MemoryTree();
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split("/");
    parts.slice(1).forEach((_, i) => {
      const parent = parts.slice(0, i + 1).join("/");
      if (tree.stat(parent) === null) tree.makeDirectory(parent, 0o755);
    });
    if (!path.endsWith("/")) tree.writeFile(path, Buffer.from(content, "latin1"));
  }
  return tree;
}

function namesIn(tree: MemoryTree, directory = "."): string[] {
  return tree.list(directory).flatMap((name) => {
    const path = directory === "." ? name : `${directory}/${name}`;
    const isDirectory = (tree.stat(path)!.mode & 0o170000) === 0o040000;
    return isDirectory ? [`${path}/`, ...namesIn(tree, path)] : [path];
  });
}

function setupOf(...texts: string[]): FilterSetup {
  const parser = new RuleParser();
  for (const text of texts) parser.addRule(text);
  return { ...NO_FILTERS, rules: parser.rules };
}

/** The same tree, but nothing is answered at once. */
function slow(tree: MemoryTree): FileTree {
  return new Proxy(tree, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key === "synchronous") return false;
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => Reflect.apply(value, target, args) as unknown;
    },
  });
}

const SOURCE = {
  ".rules": "- *.tmp\n- /top\n",
  "a.tmp": "",
  top: "",
  "d/.rules": "+ b.tmp\n. ./more\n",
  "d/more": "- hidden\n",
  "d/b.tmp": "",
  "d/c.tmp": "",
  "d/hidden": "",
  "d/top": "",
  "d/e/hidden": "",
};
const SENT = [".rules", "d/", "d/.rules", "d/b.tmp", "d/e/", "d/more", "d/top"];

describe("per-directory files", () => {
  test.each([
    ["at once", (tree: MemoryTree): FileTree => tree],
    ["later", slow],
  ])("are read from a tree that answers %s", async (_, made) => {
    const target = treeOf({ "x.tmp": "", y: "", "d/z.tmp": "", ".rules": "- *.tmp\n" });
    const options = { filters: setupOf(": .rules"), delete: "during" as const };
    const outcome = await synchronize(made(treeOf(SOURCE)), made(target), { options });
    expect([outcome.senderError, outcome.receiverError]).toEqual([null, null]);
    expect(namesIn(target).sort()).toEqual([...SENT, "d/z.tmp", "x.tmp"].sort());
    // Both sides are told.
    expect(outcome.deleted).toEqual(["y", "y"]);
  });

  test("with a rule that can not be read end the run as a usage error", async () => {
    const source = treeOf({ ".rules": "nonsense\n", a: "" });
    const outcome = await synchronize(source, new MemoryTree(), {
      options: { filters: setupOf(": .rules") },
    });
    expect(outcome.senderError?.exitCode).toBe(1);
    expect(outcome.senderError?.message).toBe("Unknown filter rule: <rule from /.rules line 1>");
  });

  test.each([
    ["root's", 0, "- a\n"],
    ["a stranger's", 12345, null],
  ])("may be links if they are %s", async (_, uid, content) => {
    const tree = treeOf({ "d/e/": "", rules: "- a\n" });
    tree.makeSymlink("d/e/.rules", "../../rules");
    tree.setOwner("d/e/.rules", uid, 0);
    const files = new RuleFiles(tree, { root: "/place", readAbove: () => null });
    const bytes = await files.read("/place/d/e/.rules");
    expect(bytes === null ? null : Buffer.from(bytes).toString("latin1")).toBe(content);
  });

  test("that are links in a circle are not there", async () => {
    const tree = new MemoryTree();
    tree.makeSymlink("a", "b");
    tree.makeSymlink("b", "a");
    const files = new RuleFiles(tree, { root: "", readAbove: () => null });
    expect(await files.read("/a")).toBeNull();
  });

  test("that are links out of the transfer are looked for above it", async () => {
    const tree = new MemoryTree();
    tree.makeSymlink("a", "../up/there");
    const asked: string[] = [];
    const readAbove = (name: string) => {
      asked.push(name);
      return null;
    };
    expect(await new RuleFiles(tree, { root: "/x/y", readAbove }).read("/x/y/a")).toBeNull();
    expect(asked).toEqual(["/x/up/there"]);
  });

  test("that a daemon hides are not there for the rules of a user", async () => {
    const tree = treeOf({ "sub/.rules": "- a\n", "sub/a": "" });
    const daemon = new FilterList(setupOf("- /m/sub/.rules").rules, { side: "receiver" });
    const filters = (hidden: FilterList | null) =>
      createSessionFilters(setupOf(": .rules").rules, { side: "sender" }, hidden, null);
    const place = { root: "/m", readAbove: () => null };
    for (const [hidden, excluded] of [
      [null, true],
      [daemon, false],
    ] as const) {
      const root = (await DirectoryFilter.open(filters(hidden), { tree, filterPlace: place }))!;
      const sub = await (await root.enter(".")).enter("sub");
      expect(sub.excludes("sub/a", false)).toBe(excluded);
    }
  });
});

test("without rules there is no filter to ask", async () => {
  const filters = createSessionFilters([], { side: "sender" }, null, null);
  expect(await DirectoryFilter.open(filters, { tree: new MemoryTree() })).toBeNull();
  const foreign = createSessionFilters(setupOf("P x").rules, { side: "sender" }, null, null);
  expect(await DirectoryFilter.open(foreign, { tree: new MemoryTree() })).toBeNull();
});

describe("a sender that lists", () => {
  const requested = new RequestedNames(["mod/dir"], {
    relative: false,
    recursive: true,
    dirs: false,
  });
  const receive = async (filters: FilterSetup): Promise<RsyncError | null> => {
    const target = new MemoryTree();
    const source = treeOf({ "dir/ok": "", "dir/bad.o": "", other: "" });
    const outcome = await synchronize(source, target, { options: { filters }, server: "sender" });
    if (outcome.receiverError !== null) expect(target.list(".")).toEqual([]);
    return outcome.receiverError;
  };

  test("what was not asked for is refused before anything is written", async () => {
    const error = await receive({ ...NO_FILTERS, requested });
    expect(error?.message).toBe("ERROR: rejecting unrequested file-list name: other");
    expect(error?.exitCode).toBe(4);
  });

  test.each([
    ["before", false],
    ["during", false],
    ["delay", false],
    ["after", false],
    ["during", true],
  ] as const)(
    "the root as if asked for has nothing deleted in it: %s, trusted: %s",
    async (timing, trusted) => {
      const source = treeOf({ "dir/ok": "" });
      const target = treeOf({ "private/kept": "", "dir/extra": "" });
      const filters = trusted ? NO_FILTERS : { ...NO_FILTERS, requested };
      const options = { filters, delete: timing };
      const outcome = await synchronize(source, target, { options, server: "sender" });
      expect(outcome.receiverError).toBeNull();
      const left = trusted ? [] : ["private/", "private/kept"];
      expect(namesIn(target)).toEqual([...left, "dir/", "dir/ok"]);
    },
  );

  test("anything is believed when it is trusted", async () => {
    expect(await receive(NO_FILTERS)).toBeNull();
  });

  const check = (...texts: string[]) =>
    createSessionFilters(setupOf(...texts).rules, { side: "receiver" }, null, requested).check!;
  const entry = createEntry("dir/bad.o", 0o100644);

  test("what our rules hide from it is refused", () => {
    const refused = new ProtocolError("ERROR: rejecting excluded file-list name: dir/bad.o");
    expect(() => check("- *.o")(entry)).toThrow(refused.message);
    expect(() => check("H *.o")(entry)).toThrow(refused.message);
  });

  test.each([
    [["P *.o"]],
    [["+ bad.o", "- *.o"]],
    [["- *.o", ": .rules"]],
    [["-/ /mod/**"]],
    [["-x *.o"]],
  ])("what our rules do not hide, or may not, is taken: %j", (texts) => {
    expect(() => check(...texts)(entry)).not.toThrow();
  });
});

test("a file that a daemon hides can not be sent to it unasked", async () => {
  const [senderEnd, receiverEnd] = duplexPair();
  const target = new MemoryTree();
  const daemon = new FilterList(setupOf("- secret").rules, { side: "receiver" });
  const common = { initialBytes: new Uint8Array(0), protocol: 31, capabilities: "", observer: {} };
  const { runReceiver } = await import("../run-receiver.js");
  const receiving = async () => {
    const options = archiveOptions({ filters: { ...NO_FILTERS, daemon } });
    const stream = receiverEnd;
    const session = await setUpSession({
      ...common,
      stream,
      isServer: true,
      isSender: false,
      options,
    });
    const privileges = { superUser: true, groups: new Set<number>(), umask: 0o022 };
    const place = { ...emptyDestination(privileges), tree: target };
    await runReceiver(session, async () => place, NO_IDENTITIES);
  };
  const failure = receiving().catch((error: RsyncError) => error);
  const session = await setUpSession({
    ...common,
    stream: senderEnd,
    isServer: false,
    isSender: true,
    options: archiveOptions(),
  });
  const tree = treeOf({ secret: "x" });
  const sources = new Sources({ enter: () => tree, describe: (_, name) => name });
  const filters = await exchangeFilterList(session);
  const request = { sources, paths: ["."] };
  await new ListSender(session, request, NO_IDENTITIES, filters, null).sendFirst();
  const flags = ItemFlag.Transfer | ItemFlag.IsNew;
  session.writeItem({ ndx: 1, flags, basisType: BasisType.Destination, xname: null });
  session.output.flush();
  const error = (await failure) as RsyncError;
  expect(error.message).toBe(
    "ERROR: rejecting file transfer request for daemon excluded file: secret",
  );
  expect(error.exitCode).toBe(2);
  expect(target.list(".")).toEqual([]);
});
