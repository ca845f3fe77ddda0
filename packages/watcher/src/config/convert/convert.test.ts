import fc from "fast-check";
import { expect, test } from "vitest";
import { DraftMap } from "../draft.js";
import { loadSettings } from "../load/load.js";
import { yamlNodes } from "../load/yaml-nodes.js";
import type { ConfigNode } from "../node.js";
import { ProblemList } from "../problem.js";
import type { WatchSettings } from "../settings.js";
import { FULL_CONFXML, SAMPLE_CONFXML } from "../testing/confxml-sample.js";
import { type MemoryFile, memoryWorld } from "../testing/memory-world.js";
import { INOTIFY_SH, SERSYNC_CONF, SERSYNC_SH } from "../testing/shell-samples.js";
import { type ConvertOptions, convertConfig } from "./convert.js";
import { printYaml } from "./print-yaml.js";

const SECRETS = { "/etc/rsync.pas": "secret", "/etc/rsync.passwd": "secret" };

function convert(files: Record<string, MemoryFile>, options: ConvertOptions = {}): string {
  const entries = Object.entries(files).map(
    ([name, file]) => [`/etc/tsrsync/${name}`, file] as const,
  );
  const world = memoryWorld({ ...SECRETS, ...Object.fromEntries(entries) });
  return convertConfig(Object.keys(files), { ...options, world }).text;
}

const load = (text: string): WatchSettings =>
  loadSettings({ text, name: "watch.yaml" }, { world: memoryWorld(SECRETS) });
/** What the file itself leads to; remarks about it name other places. */
const withoutWarnings = ({ warnings: _, ...settings }: WatchSettings) => settings;

test.each([
  ["the sample", SAMPLE_CONFXML],
  ["everything switched on", FULL_CONFXML],
])("%s converts into the same settings", (_, xml) => {
  const direct = loadSettings({ text: xml, name: "confxml.xml" }, { world: memoryWorld(SECRETS) });
  const text = convert({ "confxml.xml": xml });
  expect(withoutWarnings(load(text))).toEqual(withoutWarnings(direct));
  expect(text).toMatchSnapshot();
});

test("the options of sersync's command line go in as well", () => {
  const settings = load(
    convert({ "confxml.xml": SAMPLE_CONFXML }, { workers: 5, fullSyncOnStart: true }),
  );
  expect(settings.daemon.workers).toBe(5);
  expect(settings.roots[0]!.targets[0]!.fullSync.onStart).toBe("always");
});

test("inotify.sh and sersync.sh become roots and targets", () => {
  const text = convert({ "inotify.sh": INOTIFY_SH, "sersync.sh": SERSYNC_SH });
  expect(text).toMatchSnapshot();
  const { roots } = load(text);
  expect(roots.map(({ name, path, filter }) => [name, path, filter.excludeRegex])).toEqual([
    ["file", "/file", [".*(tmp|.log).*"]],
    ["code", "/code", []],
  ]);
  expect(roots.flatMap(({ targets }) => targets.map(({ url }) => url))).toEqual([
    "rsync://rsync_user@192.168.1.58/file",
    "rsync://rsync_user@192.168.1.59/file",
    "rsync://rsync_user@192.168.1.58/code",
    "rsync://rsync_user@192.168.1.59/code",
  ]);
  expect(roots[0]!.targets[0]).toMatchObject({
    auth: { password: { kind: "file", path: "/etc/rsync.pas" } },
    rsync: { options: ["-lptgoDu"], hardLinks: false },
    fullSync: { every: null },
  });
});

test("the settings of the later scripts, too", () => {
  const text = convert({ "sersync.conf": SERSYNC_CONF });
  expect(text).toMatchSnapshot();
  const { roots } = load(text);
  expect(roots.map(({ name, targets }) => [name, targets.map(({ url }) => url)])).toEqual([
    ["file-backup", ["rsync://rsync@127.0.0.1/backup1/file-backup"]],
    ["db-backup", ["rsync://rsync@127.0.0.1/backup1/db-backup"]],
    [
      "_data_img",
      [
        "rsync://rsync@127.0.0.1:874/backup2/_data_img",
        "rsync://rsync@192.168.0.163/backup2/_data_img",
      ],
    ],
  ]);
  expect(roots[1]!.hooks).toEqual([
    expect.objectContaining({
      kind: "command",
      when: "beforeFullSync",
      argv: ["/bin/bash", "/opt/dump.sh"],
    }),
  ]);
  expect(roots[0]!.batch).toMatchObject({ quiet: 60_000, maxWait: 60_000 });
  expect(roots[0]!.targets[0]).toMatchObject({
    timeout: 180_000,
    bandwidth: { limit: 50 * 1024 ** 2 },
    rsync: { options: ["-lptDu"] },
    fullSync: { onStart: "always", every: 3 * 86_400_000, timeout: 12 * 3_600_000 },
    history: { dir: "/history-backup/file-backup", keep: 7 * 86_400_000 },
  });
});

test("cron_exp replaces the interval, and full syncs alone are possible", () => {
  const conf = SERSYNC_CONF.replace("full_rsync_interval=3", 'cron_exp="0 3 * * *"').replace(
    "real_time_sync_enable=1",
    "real_time_sync_enable=0",
  );
  const root = load(convert({ "sersync.conf": conf })).roots[0]!;
  expect(root.live.enabled).toBe(false);
  expect(root.targets[0]!.fullSync).toMatchObject({ every: null, cron: "0 3 * * *" });
});

test.each([
  ["rsync_module_name=([a]=$(cat /etc/shadow))\ndes_ip=(h)", "only a shell knows what"],
  ["rsync_module_name=([a]=`id`)\ndes_ip=(h)", "only a shell knows what"],
  ["rsync_module_name=([a]=${UNKNOWN}/x)\ndes_ip=(h)", "only a shell knows what"],
  ["rsync_module_name=([a]='/x)\ndes_ip=(h)", "a quote is not closed"],
  ["rsync_module_name=([a]=/x", "the list is not closed"],
  ["rsync_module_name=([a]=/x)", "des_ip is missing"],
  ["rsync_module_name=([a]=/x)\ndes_ip=('h/../x')", "expected the name or address of a host"],
  [
    "rsync_module_name=([a]=/x)\ndes_ip=(h)\nexclude_file_rule=([a]='(x')",
    "not a regular expression",
  ],
  ["listen_dir=('a=/x')", "rsyncd_mod has no module for /x"],
  ["listen_dir=('a=/x')\nrsyncd_mod=('m=/x')", "rsyncd_ip has no address for m"],
  [
    "listen_dir=('a=/x')\nrsyncd_mod=('m=/x')\nrsyncd_ip=('m=h')\nrsync_timeout=soon",
    'rsync_timeout: expected a number, got "soon"',
  ],
  [
    "listen_dir=('a=/x')\nrsyncd_mod=('m=/x')\nrsyncd_ip=('m=h')\nextra_rsync_args='--dry-run'",
    "it would mirror nothing",
  ],
  [
    "listen_dir=('a=/x')\nrsyncd_mod=('m=/x')\nrsyncd_ip=('m=h')\nrsync_bwlimit=much",
    "expected a size like 50M",
  ],
  ["echo hello", "neither a confxml.xml nor settings"],
  ["<head/>", "there is no <sersync> element"],
])("%j can not be converted: %s", (text, message) =>
  expect(() => convert({ "s.sh": text })).toThrow(message),
);

test("places of problems in scripts are lines", () => {
  expect(() => convert({ "s.sh": "#!/bin/sh\n\nrsync_module_name=([a]=$(x))\n" })).toThrow(
    "s.sh:3:1: rsync_module_name: ",
  );
});

test("any script is read in good time, or refused", () => {
  const word = fc.constantFrom(
    "rsync_module_name=(",
    "[a]=",
    "'",
    '"',
    "\\",
    "$",
    "`",
    "${x",
    "}",
    ")",
    "\n",
    "#",
    " ",
    "x",
    "des_ip=(h)",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      try {
        convert({ "s.sh": `rsync_module_name=()\n${words.join("")}` });
      } catch (error) {
        expect(error).toHaveProperty("problems");
      }
    }),
  );
});

test("any text survives being printed and read", () => {
  const value = fc.oneof(
    fc.string({ minLength: 1, unit: "binary" }),
    fc.constantFrom(
      "${A}",
      "$${",
      "~",
      "null",
      "yes",
      "0x1f",
      "1e3",
      "2001-01-01",
      "- a",
      "a: b",
      "# x",
      "!file x",
      "*a",
      "&a",
      "|",
      "%",
    ),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 5 }),
      value,
      fc.string(),
      (items, text, comment) => {
        const place = { source: "", line: 1, column: 1 };
        const draft = new DraftMap(place, comment);
        draft
          .set("list", items, comment)
          .section("inner", comment)
          .set(text, text, comment)
          .set("number", 5)
          .set("none", null);
        const problems = new ProblemList();
        const source = { text: printYaml(draft.build()), name: "x", directory: "/" };
        const read = yamlNodes(source, { environment: {} }, problems);
        problems.throwIfAny();
        expect(plainValue(read)).toEqual({
          list: items,
          inner: Object.fromEntries([
            [text, text],
            ["number", 5],
            ["none", null],
          ]),
        });
      },
    ),
  );
});

function plainValue(node: ConfigNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  if (node.kind === "file") return node.path;
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainValue(entry.node)]));
}
