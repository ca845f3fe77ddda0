import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";
import { afterAll, describe, expect, it } from "vitest";
import type { RootSettings, TargetSettings } from "../config/settings.js";
import { formatCommand } from "./command.js";
import { formatShellLine } from "./shell-line.js";

const directory = mkdtempSync(join(tmpdir(), "ops-command-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** The words that a real shell makes of the line, as bytes. */
function wordsOf(line: string, shell: string): string[] {
  const show = join(directory, "show");
  writeFileSync(show, `#!/bin/sh\nprintf '%s\\0' "$@" > ${directory}/words\n`, { mode: 0o755 });
  const script = join(directory, "script");
  writeFileSync(script, encodeByteString(line.replace("show", show)));
  const run = spawnSync(shell, [script]);
  expect(run.stderr.toString()).toBe("");
  return readFileSync(join(directory, "words")).toString("latin1").split("\0").slice(0, -1);
}

const HOSTILE = [
  "a`touch pwned`.txt",
  'b";touch pwned;".txt',
  "c$(touch pwned)$HOME.txt",
  "d'e f\\g",
  "line\nend\n",
  "100%\n\\n'",
  "-rf",
  "*?[a]~!#&|<>(){};",
  "\xff\xfe\x01\x7f",
  byteStringFromText("文件"),
  "",
];

const target = (changes: Partial<TargetSettings>): TargetSettings =>
  ({
    name: "web1",
    url: "rsync://backup:secret@10.0.0.1:874/www",
    auth: { password: { kind: "file", path: "/etc/rsync.pas" }, identity: null },
    rsync: { options: ["-lptgoD"] },
    timeout: 60_500,
    ...changes,
  }) as TargetSettings;
const root = { name: "www", path: "/data/my www" } as RootSettings;

describe("the failure log's commands", () => {
  it.each(["sh", "bash"])("reach %s's programs byte for byte", (shell) => {
    const line = formatShellLine([["show", ...HOSTILE]]);
    expect(line).not.toContain("\n");
    expect(wordsOf(line, shell)).toEqual(HOSTILE);
  });

  it("names the root, the options, the path and the target, but no password", () => {
    expect(formatCommand(root, target({}), ["a b", "c"])).toBe(
      "cd '/data/my www' && rsync -lptgoD -r -R --delete-missing-args --force --timeout=61 " +
        "--password-file=/etc/rsync.pas './a b' ./c rsync://backup@10.0.0.1:874/www/",
    );
    const auth = { password: { kind: "text", text: "secret" }, identity: null } as const;
    expect(formatCommand(root, target({ auth, timeout: 0 }), [""])).toBe(
      "cd '/data/my www' && rsync -lptgoD -r -R --delete-missing-args --force ./ " +
        "rsync://backup@10.0.0.1:874/www/",
    );
  });

  it("goes through ssh as the target says", () => {
    const auth = { password: null, identity: "/root/my key" };
    const ssh = target({ url: "ssh://bob@host:2222/srv/x y", auth });
    expect(formatCommand(root, ssh, ["f"])).toContain(
      ` -e 'ssh -p 2222 -i "/root/my key"' ./f 'bob@host:/srv/x y'`,
    );
  });

  it("brings or deletes the path when a person runs it", () => {
    const [source, destination] = [join(directory, "s"), join(directory, "d")];
    spawnSync("mkdir", ["-p", `${source}/dir`, `${destination}/gone/deep`]);
    writeFileSync(join(source, "dir", "new\n'file"), "x");
    const local = target({ url: "x", timeout: 0, auth: { password: null, identity: null } });
    const from = { ...root, path: source };
    for (const path of ["dir/new\n'file", "gone"]) {
      const line = formatCommand(from, local, [path]).replace(/x\/$/, destination);
      const run = spawnSync("sh", ["-c", line]);
      expect(run.stderr.toString()).toBe("");
    }
    const found = spawnSync("find", [destination, "-printf", "%P\\0"]).stdout.toString();
    expect(found.split("\0").sort()).toEqual(["", "", "dir", "dir/new\n'file"]);
  });
});
