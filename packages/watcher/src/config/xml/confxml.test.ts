import { expect, test } from "vitest";
import { loadSettings } from "../load/load.js";
import { ConfigError } from "../problem.js";
import type { WatchSettings } from "../settings.js";
import { FULL_CONFXML, SAMPLE_CONFXML } from "../testing/confxml-sample.js";
import { memoryWorld } from "../testing/memory-world.js";

const FILES = { "/etc/rsync.pas": "secret" };

function load(xml: string | Uint8Array, plugin: string | null = null): WatchSettings {
  const world = memoryWorld({ ...FILES, "/etc/tsrsync/confxml.xml": xml });
  return loadSettings({ file: "confxml.xml" }, { world, plugin });
}

function complaint(xml: string): string {
  try {
    load(xml);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the file was accepted");
}

test("the sample of 2.5.4 is read as it stands", () => {
  const settings = load(SAMPLE_CONFXML);
  expect(settings.log.level).toBe("info");
  expect(settings.roots).toHaveLength(1);
  expect(settings.roots[0]).toMatchObject({
    name: "tongbu",
    path: "/opt/tongbu",
    hooks: [],
    filter: { excludeRegex: [], tempFiles: "sersync" },
    live: {
      events: {
        delete: true,
        createFolder: true,
        closeWrite: true,
        moveFrom: true,
        moveTo: true,
        attrib: false,
        modify: false,
      },
    },
    targets: [
      {
        name: "127.0.0.1-tongbu1",
        url: "rsync://127.0.0.1/tongbu1",
        auth: { password: null },
        rsync: { options: ["-lptgoDu"], hardLinks: false, compress: "auto" },
        timeout: 60_000,
        delete: { mode: "live" },
        failLog: { path: "/tmp/rsync_fail_log.sh", retryEvery: 3_600_000 },
        fullSync: { every: null, exclude: [], onStart: "auto" },
      },
    ],
  });
  expect(settings.warnings).toEqual([
    expect.stringContaining('names begin with "." (.htaccess, .env)'),
    expect.stringContaining("with -u a newer file in the target stays"),
  ]);
});

test("everything switched on means what table 1.2 says", () => {
  const settings = load(FULL_CONFXML);
  expect(settings).toMatchSnapshot();
  expect(settings.roots.map(({ path, targets }) => [path, targets.map(({ url }) => url)])).toEqual([
    [
      "/data0/www/www",
      ["rsync://rsync_backup@192.168.1.58:8730/www", "rsync://rsync_backup@192.168.1.59:8730/www"],
    ],
    ["/data0/www/bbs", ["rsync://rsync_backup@192.168.1.58:8730/bbs/copy"]],
  ]);
  expect(settings.warnings).toEqual([
    expect.stringMatching(
      /^confxml\.xml:9:9: <exclude> expression="\(broken" is no regular expression/,
    ),
    expect.stringContaining("names begin with"),
  ]);
});

test.each([
  ["command", { kind: "command", root: null }],
  ["socket", { kind: "socket", address: "192.168.138.20:8009", root: "/opt/tongbu" }],
  [
    "refreshCDN",
    {
      kind: "cdn",
      host: "ccms.chinacache.com",
      root: "/data0/htdocs/cms.xoyo.com/site",
      urlMatch: null,
    },
  ],
])("-m %s takes a plugin that is off", (plugin, expected) => {
  expect(load(SAMPLE_CONFXML, plugin).roots[0]!.hooks).toEqual([expect.objectContaining(expected)]);
});

test("a plugin that does not exist is refused", () => {
  expect(() => load(SAMPLE_CONFXML, "sockets")).toThrow(
    'there is no plugin "sockets"; did you mean socket?',
  );
  expect(() => load(SAMPLE_CONFXML, "http")).toThrow(
    'there is no <plugin name="http"> that says what it does',
  );
});

test("the declared encoding is not believed", () => {
  const utf8 = SAMPLE_CONFXML.replaceAll("/opt/tongbu", "/opt/同步");
  expect(load(utf8).roots[0]).toMatchObject({ path: "/opt/同步", name: "同步" });
  const latin1 = Buffer.from(
    SAMPLE_CONFXML.replace(/本[^&]*/, "").replaceAll("/opt/tongbu", "/opt/d\u00e9"),
    "latin1",
  );
  expect(load(latin1).roots[0]!.path).toBe("/opt/d\u00e9");
});

test("over ssh the user logs in without a password, and the name is a path", () => {
  const ssh = FULL_CONFXML.replace('<ssh start="false"/>', '<ssh start="true"/>')
    .replaceAll('name="www"', 'name="/srv/www"')
    .replace('name="bbs/copy"', 'name="/srv/bbs"');
  const settings = load(ssh);
  expect(settings.roots[0]!.targets[0]).toMatchObject({
    url: "ssh://rsync_backup@192.168.1.58/srv/www",
    auth: { password: null },
  });
  expect(settings.warnings.join("\n")).toContain("the password file is not used");
});

test("values other than true are false, and what is missing is what the sample has", () => {
  const xml = `<head><inotify><delete start="yes"/><attrib/></inotify><sersync><localpath watch="/a/"><remote ip="h" name="m"/></localpath></sersync></head>`;
  const settings = load(xml);
  expect(settings.roots[0]!.live.events).toMatchObject({
    delete: false,
    attrib: false,
    closeWrite: true,
  });
  expect(settings.roots[0]!.targets[0]).toMatchObject({
    delete: { mode: "never" },
    rsync: { options: ["-lptgoDu"] },
  });
  expect(settings.warnings).toEqual([
    'confxml.xml:1:16: start="yes" of <delete> is not "true", so it is off',
    'confxml.xml:1:37: <attrib> has no "start": taken as false',
    expect.stringContaining("names begin with"),
    expect.stringContaining("with -u"),
  ]);
});

const SERSYNC = (inside: string) => `<head>\n<sersync>${inside}</sersync></head>`;
const LOCAL = '<localpath watch="/a"><remote ip="h" name="m"/></localpath>';

test.each([
  ["<head/>", "confxml.xml:1:1: there is no <sersync> element"],
  [SERSYNC(""), "confxml.xml:2:1: <sersync> has no <localpath>"],
  [
    SERSYNC('<localpath><remote ip="h" name="m"/></localpath>'),
    'confxml.xml:2:10: <localpath> has no "watch"',
  ],
  [SERSYNC('<localpath watch="/a"/>'), 'confxml.xml:2:10: <localpath watch="/a"> has no <remote>'],
  [
    SERSYNC('<localpath watch="/a"><remote name="m"/></localpath>'),
    'confxml.xml:2:32: <remote> has no "ip"',
  ],
  [
    SERSYNC('<localpath watch="/a"><remote ip="h"/></localpath>'),
    'confxml.xml:2:32: <remote> has no "name"',
  ],
  [SERSYNC('<localpath watch="/a"><remote ip="h h" name="m"/></localpath>'), 'got ip="h h"'],
  [
    SERSYNC(`${LOCAL}<rsync><commonParams params="-artuz --zap"/></rsync>`),
    'params="-artuz --zap": --zap: unknown option',
  ],
  [
    SERSYNC(`${LOCAL}<rsync><auth start="true" users="u" passwordfile="/none"/></rsync>`),
    "confxml.xml:2:76: can not read /none",
  ],
  [
    SERSYNC(`${LOCAL}<plugin start="true" name="comand"/>`),
    'there is no plugin "comand"; did you mean command?',
  ],
  [SERSYNC('<localpath watch="/a">'), "not well-formed XML"],
  ["<head", "not well-formed XML"],
  ["<!-- only", "confxml.xml:1:1"],
  ["<a/><b/>", "<b> lies outside of <a>"],
  [
    '<!DOCTYPE head [<!ENTITY a "b">]>\n<head/>',
    "confxml.xml:1:17: entities of a document's own are not read",
  ],
  [`<head>${"<a>".repeat(50)}${"</a>".repeat(50)}</head>`, "too deep"],
])("%j is refused: %s", (xml, message) => expect(complaint(xml)).toContain(message));

test("a billion laughs are not heard, and a huge file is not parsed", () => {
  const laughs = Array.from(
    { length: 10 },
    (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
  ).join("");
  expect(complaint(`<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]><head>&l10;</head>`)).toContain(
    "entities",
  );
  expect(complaint(`<head>${" ".repeat(5 * 1024 ** 2)}</head>`)).toContain("too large");
  expect(complaint(`<head>${"<a/>".repeat(25_000)}</head>`)).toContain("too many elements");
});

test("what is not known is told", () => {
  const { warnings } = load(SERSYNC(`${LOCAL}<localpaht watch="/b"/><rsync/><rsync/>`));
  expect(warnings).toContain(
    "confxml.xml:2:69: <localpaht> in <sersync> is not known, and ignored",
  );
  expect(warnings).toContain("confxml.xml:2:100: a second <rsync> is ignored");
});
