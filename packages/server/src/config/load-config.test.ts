import { lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigError } from "./config-error.js";
import { type DaemonConfig, findModule } from "./daemon-config.js";
import { type LoadOptions, loadConfig } from "./load-config.js";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-config-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Writes the files, `DIR` in them being their directory, and loads the one called `conf`. */
function load(
  conf: string,
  others: Record<string, string> = {},
  options: Partial<LoadOptions> = {},
): DaemonConfig {
  for (const [name, text] of Object.entries({ conf, ...others })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text.replaceAll("DIR", directory), "latin1");
  }
  return loadConfig(join(directory, "conf"), { env: { V: "vee", MANY: "12" }, ...options });
}

const comments = ({ modules }: DaemonConfig): Record<string, string> =>
  Object.fromEntries(modules.map(({ name, comment }) => [name, comment]));

function failureOf(action: () => unknown): ConfigError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("sections", () => {
  test("names compare loosely while loading: the first spelling stays, later text adds to it", () => {
    const config = load("[Foo]\ncomment=1\npath=/a\n[f OO]\ncomment=2\n");
    expect(config.modules).toMatchObject([{ name: "Foo", comment: "2", path: "/a" }]);
  });

  test("a request is compared exactly, and the last one of a name wins", () => {
    const config = load("[Foo]\n[vee]\ncomment=1\n[%V%]\ncomment=2\n");
    expect(findModule(config, "foo")).toBeUndefined();
    expect(findModule(config, "Foo")?.name).toBe("Foo");
    expect(findModule(config, "vee")?.comment).toBe("2");
  });

  test("a section called global goes back to defaults", () => {
    const config = load("comment=1\n[a]\nlist=no\n[ G lobal ]\ncomment=2\n[b]\n");
    expect(comments(config)).toEqual({ a: "1", b: "2" });
    expect(config.defaults.comment).toBe("2");
  });

  test("'name' does not rename a module", () => {
    const config = load("[a]\nname = zed\n");
    expect(config.modules[0]?.name).toBe("a");
    expect(config.warnings).toContain('IGNORING unknown parameter "name"');
  });
});

describe("inheritance", () => {
  test("a string that was never assigned takes the default at the end of the file", () => {
    expect(comments(load("[a]\n[global]\ncomment=x\n[b]\n"))).toEqual({ a: "x", b: "x" });
  });

  test("an empty assignment blocks that and cancels what is inherited", () => {
    expect(comments(load("[a]\ncomment=\n[global]\ncomment=x\n[b]\ncomment=\n"))).toEqual({
      a: "",
      b: "",
    });
    expect(comments(load("comment=\n[a]\n[global]\ncomment=x\n"))).toEqual({ a: "" });
  });

  test("later defaults of other types, and of strings with a default, do not reach a module", () => {
    const config = load("[a]\n[global]\nlist=no\nuse chroot=no\nlock file=/l\ntimeout=9\n");
    expect(config.modules[0]).toMatchObject({
      list: true,
      useChroot: null,
      lockFile: "/var/run/rsyncd.lock",
      timeout: 0,
    });
  });

  test("a bad boolean leaves the value that was inherited", () => {
    const config = load("list=no\nuse chroot=yes\n[a]\nlist=on\nuse chroot=unset\n");
    expect(config.modules[0]).toMatchObject({ list: false, useChroot: null });
    expect(config.warnings).toEqual(['Badly formed boolean in configuration file: "on".']);
  });

  test("an unknown facility is passed over without a word", () => {
    const config = load("syslog facility = local3\nsyslog facility = nonsense\n");
    expect(config.defaults.syslogFacility).toBe("local3");
    expect(config.warnings).toEqual([]);
  });
});

test("variables are those of the environment, but not those of a connection", () => {
  const env = { V: "v\u00e9", RSYNC_USER_NAME: "stale" };
  const conf = "max connections = %N%\n[a]\npath=/%V%/%RSYNC_USER_NAME%\npre-xfer exec = %V%\n";
  const [module] = load(conf, {}, { env: { ...env, N: "12" } }).modules;
  expect(module).toMatchObject({
    path: "/v\xc3\xa9/%RSYNC_USER_NAME%",
    preXferExec: "%V%",
    maxConnections: 12,
  });
});

test("variables in numbers, booleans and names are those of the environment, too", () => {
  const env = { N: "12", NO: "no", WHERE: "local1" };
  const conf = "timeout=1%N%\nlist=%NO%\nuse chroot=%NO%\nsyslog facility=%WHERE%\nread only=%N%\n";
  const { defaults, warnings } = load(conf, {}, { env });
  expect(defaults).toMatchObject({
    timeout: 112,
    list: false,
    useChroot: false,
    syslogFacility: "local1",
    readOnly: true,
  });
  expect(warnings).toEqual(['Badly formed boolean in configuration file: "12".']);
});

describe("the listener's part", () => {
  const part = "global";

  test("ends at the first header of any kind, so errors behind it do no harm", () => {
    const conf = "port=1\n[global]\nport=2\n[]\n";
    expect(load(conf, {}, { part }).global.port).toBe(1);
    expect(() => load(conf)).toThrow(ConfigError);
  });

  test("ends at a header in a merged file", () => {
    const config = load("&merge DIR/m\nport=3\n", { m: "port=2\n[x]\n" }, { part });
    expect(config.global.port).toBe(2);
    expect(config.modules).toEqual([]);
  });
});

describe("&include", () => {
  test("keeps modules, restores defaults and leaves the open module", () => {
    const config = load("comment=main\n[a]\n&include DIR/i\ncomment=late\nport=7\n[b]\n", {
      i: "comment=inner\nport=5\n[x]\n",
    });
    expect(comments(config)).toEqual({ a: "main", x: "inner", b: "late" });
    expect(config.global.port).toBe(7);
  });

  test("restores global parameters as well", () => {
    expect(load("port=1\n&include DIR/i\n", { i: "port=5\n" }).global.port).toBe(1);
  });

  test("modules inside still take strings from the end of the file", () => {
    const config = load("&include DIR/i\n[global]\ncomment=late\n", { i: "[x]\n" });
    expect(comments(config)).toEqual({ x: "late" });
  });

  test("a directory gives its .conf files in byte order, each with the defaults of before", () => {
    const config = load("comment=top\n&include DIR/d\n[z]\n", {
      "d/b.conf": "[b]\n",
      "d/a.conf": "comment=A\n[a]\n",
      "d/.c.conf": "[dot]\n",
      "d/B.conf": "[B2]\n",
      "d/x.inc": "[no]\n",
      "d/sub.conf/q.conf": "[no]\n",
    });
    expect(Object.entries(comments(config))).toEqual([
      ["dot", "top"],
      ["B2", "top"],
      ["a", "A"],
      ["b", "top"],
      ["z", "top"],
    ]);
  });

  test("an empty directory is fine", () => {
    mkdirSync(join(directory, "d"));
    expect(load("&include DIR/d\n[a]\n").modules).toHaveLength(1);
  });
});

describe("&merge", () => {
  test("continues the open module and may leave another one open", () => {
    const config = load("[a]\n&merge DIR/m\ncomment=2\n", { m: "list=no\n[x]\n" });
    expect(config.modules).toMatchObject([
      { name: "a", list: false, comment: "" },
      { name: "x", comment: "2" },
    ]);
  });

  test("changes defaults, and a directory gives its .inc files", () => {
    const config = load("&merge DIR/d\n[z]\n", { "d/a.inc": "comment=A", "d/a.conf": "comment=B" });
    expect(comments(config)).toEqual({ z: "A" });
  });

  test("a statement does not go on behind the end of its file", () => {
    const config = load("&merge DIR/m\nlist=no\n", { m: "[q]\ncomment=x\\" });
    expect(config.modules).toMatchObject([{ comment: "x\\", list: false }]);
  });
});

describe("directives that are fatal", () => {
  test.each([
    ["&include /no/such", 'unable to stat config file "/no/such": No such file or directory (2)'],
    ["&merge  ", 'unable to stat config file "": No such file or directory (2)'],
    ["&include /dev/null", 'config file "/dev/null" is neither a file nor a directory'],
    ["&inclood x", "Unknown directive: &inclood."],
    ["& x", "Unknown directive: &."],
  ])("%s", (conf, message) => expect(() => load(conf)).toThrow(new ConfigError(message)));

  test.each(["include", "merge"])("a file that &%ss itself", (name) => {
    expect(() => load(`comment=x\n&${name} DIR/conf\n`)).toThrow(/nested more than 16 levels/);
  });

  test("sixteen levels are allowed", () => {
    const files = Object.fromEntries(
      Array.from({ length: 15 }, (_, i) => [`f${i}`, i === 14 ? "[x]" : `&merge DIR/f${i + 1}`]),
    );
    expect(load("&merge DIR/f0", files).modules).toHaveLength(1);
    expect(() => load("&merge DIR/f0", { ...files, f14: "&merge DIR/f15", f15: "" })).toThrow(
      ConfigError,
    );
  });

  test("files beside each other are not nested", () => {
    expect(load("&merge DIR/m\n".repeat(40), { m: "[x]\n" }).modules).toHaveLength(1);
  });

  test.runIf(process.getuid?.() === 0)("a file behind the link of another user", () => {
    symlinkSync("real", join(directory, "link"));
    const conf = "&merge DIR/link\n";
    expect(load(conf, { real: "[x]\n" }).modules).toHaveLength(1);
    lchownSync(join(directory, "link"), 12345, 12345);
    expect(() => load(conf)).toThrow(/unable to open config file .*Too many levels/);
  });
});

describe("--dparam", () => {
  const dparams = ["Max Connections= 3 ", "comment=  from the line "];

  test("comes behind the global part, whose later text overrides it", () => {
    const config = load("comment=x\n[a]\n[global]\ntimeout=1\ncomment=y\n[b]\n", {}, { dparams });
    expect(config.modules).toMatchObject([
      { comment: "from the line ", maxConnections: 3 },
      { comment: "y", maxConnections: 3 },
    ]);
  });

  test("reaches modules behind an included first one, and files without modules", () => {
    const config = load("&include DIR/i\n[b]\n", { i: "[x]\n" }, { dparams });
    expect(config.modules.map(({ maxConnections }) => maxConnections)).toEqual([3, 3]);
    expect(load("", {}, { dparams }).defaults.maxConnections).toBe(3);
    expect(load("[a]\n", {}, { dparams: ["port=99"], part: "global" }).global.port).toBe(99);
  });

  test("must have a value and a known name", () => {
    expect(() => load("", {}, { dparams: ["port"] })).toThrow(
      new ConfigError("--dparam value is missing an '=': port"),
    );
    expect(() => load("", {}, { dparams: ["prot=1"] })).toThrow(
      new ConfigError('Unknown parameter "prot"'),
    );
  });
});

describe("what goes to the log", () => {
  test("lines in the order of the file", () => {
    const config = load("foo = 1\n- x = 2\n[a]\nMOTD  File = /y\nlist maybe\n");
    expect(config.warnings).toEqual([
      'Unknown Parameter encountered: "foo"',
      'IGNORING unknown parameter "foo"',
      'IGNORING unknown parameter "- x"',
      "Global parameter MOTD File found in module section!",
      "Ignoring badly formed line in config file: list maybe",
    ]);
  });

  test("a fatal error carries the lines before it", () => {
    const error = failureOf(() => load("foo = 1\n[a/b]\n"));
    expect(error.warnings).toHaveLength(2);
    expect(error.message).toBe("Warning: invalid section name in configuration file: a/b");
    expect(error.exitCode).toBe(1);
  });

  test("a missing file is fatal", () => {
    const error = failureOf(() => loadConfig(join(directory, "none"), { env: {} }));
    expect(error.message).toMatch(/unable to open config file ".*none": No such file/);
  });
});
