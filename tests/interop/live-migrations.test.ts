/**
 * The migrations that docs/coming-from-*.md describe, done as they say against real daemons, and the files that users of
 * sersync and of the shell scheme have, unchanged but for paths, addresses and ports (spec 6, 1).
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, type TestContext, test } from "vitest";
import { SAMPLE_CONFXML } from "../../packages/watcher/src/config/testing/confxml-sample.js";
import { SERSYNC_CONF } from "../../packages/watcher/src/config/testing/shell-samples.js";
import { commandOf, startDaemon } from "../support/daemon.js";
import { runProcess } from "../support/live/run-process.js";
import { TSRSYNC_WATCH } from "../support/live/watch-process.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const FAKE_SHELL = new URL("../support/fake-shell", import.meta.url).pathname;
const UNIT = new URL("../../packages/watcher/systemd/tsrsync-watch.service", import.meta.url);
const IDS = isRoot() ? "uid = 0\ngid = 0\n" : "";
const PASSWORD = "pass word#1";

const work = mkdtempSync(`${tmpdir()}/tsrsync-migrations-`);
afterAll(() => rmSync(work, { recursive: true, force: true }));

type OnEnd = TestContext["onTestFinished"];
type Implementation = "rsync" | "tsrsync";

/** A machine of its own: directories instead of the absolute paths of a page, and programs that it finds first. */
class Machine {
  readonly directory: string;
  readonly #implementation: Implementation;
  readonly #onEnd: OnEnd;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #replacements = new Map<string, string>();

  constructor(name: string, implementation: Implementation, onEnd: OnEnd) {
    this.#onEnd = onEnd;
    this.directory = `${work}/${name}-${implementation}`;
    this.#implementation = implementation;
    this.replace("/etc/tsrsync", `${this.directory}/etc/tsrsync`);
    this.replace("/var/lib/tsrsync/watch", this.stateDir);
    for (const path of ["bin", "home"]) mkdirSync(`${this.directory}/${path}`, { recursive: true });
    this.#environment = {
      ...process.env,
      HOME: this.directory,
      PATH: `${this.directory}/bin:${process.env["PATH"]}`,
      TSRSYNC_DAEMON_STATE_DIR: this.stateDir,
    };
    const { command, prefix } = commandOf(implementation);
    // The other end of a shell.
    if (implementation !== "rsync")
      this.program("rsync", `exec ${[command, ...prefix].join(" ")} "$@"`);
    for (const each of ["tsrsync-watch", "tsrsync-sersync"])
      this.program(each, `exec ${process.execPath} ${TSRSYNC_WATCH} "$@"`);
    symlinkSync(FAKE_SHELL, `${this.directory}/bin/ssh`);
  }

  get stateDir(): string {
    return `${this.directory}/state`;
  }

  /** A program that commands find before all others of that name. */
  program(name: string, text: string): void {
    writeFileSync(`${this.directory}/bin/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  /** From now on `from` of a page is `to` of this machine. */
  replace(from: string, to: string): void {
    this.#replacements.set(from, to);
  }

  /** An absolute path of a page, as a directory of this machine. */
  place(path: string): string {
    const here = `${this.directory}/disk${path}`;
    mkdirSync(here, { recursive: true });
    this.replace(path, here);
    return here;
  }

  /** A text of a page as it has to be on this machine. What was replaced is not replaced again. */
  local(text: string): string {
    const parts = [...this.#replacements.keys()].sort((a, b) => b.length - a.length);
    const any = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    return text.replaceAll(new RegExp(any, "g"), (part) => this.#replacements.get(part)!);
  }

  write(name: string, text: string, mode = 0o644): void {
    writeFileSync(`${this.directory}/home/${name}`, this.local(text), { mode });
  }

  /** Changes a file as somebody does with an editor. */
  edit(name: string, from: string, to: string): void {
    const path = `${this.directory}/home/${name}`;
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replaceAll(from, to));
  }

  /** The password file of a page. */
  password(path: string): void {
    writeFileSync(`${this.directory}/password`, `${PASSWORD}\n`, { mode: 0o600 });
    this.replace(path, `${this.directory}/password`);
  }

  /** A daemon for a host of a page, with its modules, which demand a password if there is a user. */
  async daemon(
    host: string,
    modules: readonly string[],
    options: { user?: string; port?: number; address?: string } = {},
  ): Promise<{ port: number; path(module: string): string }> {
    const directory = `${this.directory}/${host}`;
    const { user, port, address } = options;
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}/secrets`, `${user}:${PASSWORD}\n`, { mode: 0o600 });
    const auth =
      user === undefined ? "" : `auth users = ${user}\nsecrets file = ${directory}/secrets\n`;
    const sections = modules.map((name) => {
      mkdirSync(`${directory}/${name}`);
      return `[${name}]\npath = ${directory}/${name}\nread only = no\n${auth}`;
    });
    const config = `use chroot = no\nmunge symlinks = no\n${IDS}${sections.join("")}`;
    const place = `${directory}/daemon`;
    const daemon = await startDaemon(this.#implementation, place, config, port, address);
    this.#onEnd(() => daemon.stop());
    return { port: daemon.port, path: (module) => `${directory}/${module}` };
  }

  /** Lines of a page, each by a shell of its own, as somebody types them. All must succeed. Returns what they printed. */
  async run(lines: string): Promise<string> {
    let printed = "";
    for (const line of this.local(lines).trim().split("\n")) {
      const options = { cwd: `${this.directory}/home`, env: this.#environment };
      const { status, stdout, stderr } = await runProcess("sh", ["-c", line], options);
      // What the doctor thinks of the machine that the tests run on is not the matter.
      const isFine = status === 0 || (status === 2 && line.startsWith("tsrsync-watch doctor"));
      if (!isFine) expect.fail(`${line}: ${status}\n${stdout}${stderr}${read(this.log)}`);
      printed += stdout;
    }
    return printed;
  }

  get log(): string {
    return `${this.stateDir}/watch.log`;
  }

  /** Ends what `-d` has left in the background. */
  async end(): Promise<void> {
    const file = `${this.stateDir}/watch.pid`;
    if (!existsSync(file)) return;
    process.kill(Number(readFileSync(file, "utf8")), "SIGTERM");
    await until("the end of the mirror", () => !existsSync(file));
  }

  /** A systemd that knows the unit file of the package: it runs what stands there, again when that fails. */
  systemd(): void {
    const unit = readFileSync(UNIT, "utf8");
    expect(unit).toMatch(/^Restart=on-failure$/m);
    const command = this.local(/^ExecStart=(.*)$/m.exec(unit)![1]!);
    this.program(
      "systemctl",
      `case "$*" in
"enable --now tsrsync-watch") for i in 1 2 3 4 5 6 7 8 9 10; do ${command} -d && exit; sleep 0.2; done; exit 1;;
"disable --now lsyncd") ;;
*) exit 5;;
esac`,
    );
  }
}

/** Waits until `check` returns something, at most ten seconds. */
async function until(what: string, check: () => unknown): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (check()) return;
    await delay(20);
  }
  throw new Error(`${what} did not come`);
}

interface Page {
  /** The block of a file, without the indentation of a list. */
  file(name: string): string;
  /** The blocks of commands that need daemons. */
  live: string[];
  /** Those that do not. */
  run: string[];
}

function page(name: string): Page {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/^( *)```([^\n`]+)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent, info, content]) => ({
      info: info!,
      text: content!.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
  const of = (info: string) => blocks.filter((block) => block.info === info);
  return {
    file: (file) => blocks.find(({ info }) => info.endsWith(` file=${file}`))!.text,
    live: of("sh live").map(({ text: lines }) => lines),
    run: of("sh run").map(({ text: lines }) => lines),
  };
}

/** What is in a directory before the mirror starts. @param hidden is not to be mirrored */
function fill(root: string, hidden: string | null = null): void {
  if (hidden !== null) {
    mkdirSync(`${root}/${dirname(hidden)}`, { recursive: true });
    writeFileSync(`${root}/${hidden}`, "not mirrored");
  }
  mkdirSync(`${root}/old/below`, { recursive: true });
  writeFileSync(`${root}/old/below/kept`, "was there before");
  writeFileSync(`${root}/old/gone`, "will be deleted");
  writeFileSync(`${root}/moved.html`, "x".repeat(5000));
}

/** What somebody does while it runs. */
function change(root: string): void {
  rmSync(`${root}/old/gone`);
  renameSync(`${root}/moved.html`, `${root}/old/new name.html`);
  mkdirSync(`${root}/deep/er`, { recursive: true });
  writeFileSync(`${root}/deep/er/it's \`here\`; $HOME`, "new");
  symlinkSync("er", `${root}/deep/link`);
  writeFileSync(`${root}/old/below/kept`, "was changed");
}

/** Everything is there as it is at the source. */
function same(source: string, target: string): void {
  const visible = Object.entries(readTree(source)).filter(
    ([name]) => !/^(left\.|cache)/.test(name),
  );
  expect(readTree(target)).toEqual(Object.fromEntries(visible));
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, "latin1") : "");

describe.each(["rsync", "tsrsync"] as const)("to a daemon of %s", (implementation) => {
  function machine(name: string, onEnd: OnEnd): Machine {
    const made = new Machine(name, implementation, onEnd);
    onEnd(() => made.end());
    return made;
  }

  test.concurrent("the page for users of sersync", async ({ onTestFinished }) => {
    const { file, live, run } = page("coming-from-sersync.md");
    expect(live.length).toBe(4);
    const here = machine("sersync", onTestFinished);
    const [www, bbs] = [here.place("/data0/www/www"), here.place("/data0/www/bbs")];
    here.place("/var/log");
    here.password("/etc/rsync.pas");
    const user = "rsync_backup";
    const first = await here.daemon("one", ["www", "bbs"], { user });
    const options = { user, port: first.port, address: "127.0.0.2" };
    const second = await here.daemon("two", ["www"], options);
    here.replace("192.168.1.58", "127.0.0.1");
    here.replace("192.168.1.59", "127.0.0.2");
    here.replace('port="874"', `port="${first.port}"`);
    here.write("confxml.xml", file("confxml.xml"));
    here.systemd();
    for (const root of [www, bbs]) fill(root, "left.gz");

    expect(await here.run(live[0]!)).toMatch(/: ok\n(.*\n)*.*: ok\n(.*\n)*.*: ok\n/);
    await here.run(live[1]!);
    for (const root of [www, bbs]) change(root);
    await here.run("tsrsync-watch flush -o confxml.xml");
    writeFileSync(`${www}/left.late.gz`, "not mirrored, but the time of its directory is");
    expect(await here.run(live[2]!)).toMatch(/(.*: 0 differences in [1-9].*\n){3}/);
    same(www, first.path("www"));
    same(www, second.path("www"));
    same(bbs, first.path("bbs"));

    await here.run(run[1]!);
    writeFileSync(`${www}/before the change`, "x");
    await here.run(live[3]!);
    writeFileSync(`${bbs}/after it`, "x");
    await here.run("tsrsync-watch flush -o /etc/tsrsync/watch.yaml");
    same(www, first.path("www"));
    same(www, second.path("www"));
    same(bbs, first.path("bbs"));
    await here.end();
  });

  test.concurrent("the page for users of lsyncd", async ({ onTestFinished }) => {
    const { file, live } = page("coming-from-lsyncd.md");
    expect(live.length).toBe(1);
    const here = machine("lsyncd", onTestFinished);
    const [www, copy] = [here.place("/srv/www"), here.place("/srv/copy")];
    here.place("/var/log/tsrsync");
    here.password("/etc/lsyncd.pass");
    const web1 = await here.daemon("web1", ["www"], { user: "deploy" });
    here.replace("@web1/", `@127.0.0.1:${web1.port}/`);
    here.write("watch.yaml", file("watch.yaml"));
    here.systemd();
    fill(www, "cache/left");
    const lines = live[0]!.trim().split("\n");
    await here.run(lines.slice(0, -2).join("\n"));
    change(www);
    expect(await here.run(lines.slice(-2).join("\n"))).toMatch(
      /(.*: 0 differences in [1-9].*\n){2}/,
    );
    same(www, web1.path("www"));
    same(www, copy);
    await here.end();
  });

  test.concurrent("the page for users of inotify scripts", async ({ onTestFinished }) => {
    const { file, live, run } = page("coming-from-inotify-scripts.md");
    expect(live.length).toBe(1);
    const here = machine("scripts", onTestFinished);
    const [files, code] = [here.place("/file"), here.place("/code")];
    here.password("/etc/rsync.pas");
    const modules = ["file", "code"];
    const user = "rsync_user";
    const first = await here.daemon("one", modules, { user });
    const second = await here.daemon("two", modules, { user });
    for (const name of ["inotify.sh", "sersync.sh"]) here.write(name, file(name));
    await here.run(run[0]!);
    here.edit("watch.yaml", "rsync://192.168.1.58", `rsync://127.0.0.1:${first.port}`);
    here.edit("watch.yaml", "rsync://192.168.1.59", `rsync://127.0.0.1:${second.port}`);
    fill(files, "left.log");
    fill(code);
    const lines = live[0]!.trim().split("\n");
    await here.run(lines.slice(0, 2).join("\n"));
    for (const root of [files, code]) change(root);
    expect(await here.run(lines.slice(2).join("\n"))).toMatch(
      /(.*: 0 differences in [1-9].*\n){4}/,
    );
    for (const target of [first, second]) {
      same(files, target.path("file"));
      same(code, target.path("code"));
    }
    await here.end();
  });

  test.concurrent("the file that sersync is shipped with, remarks and all", async ({
    onTestFinished,
  }) => {
    const here = machine("shipped", onTestFinished);
    const root = here.place("/opt/tongbu");
    here.replace("/tmp/rsync_fail_log.sh", `${here.directory}/rsync_fail_log.sh`);
    const target = await here.daemon("remote", ["tongbu1"]);
    here.replace(
      '<userDefinedPort start="false" port="874"',
      `<userDefinedPort start="true" port="${target.port}"`,
    );
    expect(SAMPLE_CONFXML).toMatch(/ ## /);
    here.write("confxml.xml", SAMPLE_CONFXML);
    fill(root);
    await here.run("tsrsync-sersync -rd");
    change(root);
    await here.run("tsrsync-sersync flush");
    same(root, target.path("tongbu1"));
    await here.end();
  });

  test.concurrent("one file of settings of the shell scheme", async ({ onTestFinished }) => {
    const here = machine("settings", onTestFinished);
    const roots = ["/data/file", "/data/db", "/data/img"].map((path) => here.place(path));
    here.password("/etc/rsync.passwd");
    const user = "rsync";
    const [first, second, third] = [
      await here.daemon("one", ["backup1"], { user }),
      await here.daemon("two", ["backup2"], { user }),
      await here.daemon("three", ["backup2"], { user, address: "127.0.0.2" }),
    ];
    here.replace("backup1=127.0.0.1'", `backup1=127.0.0.1:${first.port}'`);
    here.replace(
      "backup2=127.0.0.1:874,192.168.0.163'",
      `backup2=127.0.0.1:${second.port},127.0.0.2:${third.port}'`,
    );
    here.program("dump.sh", `echo dumped > ${here.directory}/home/dumped`);
    here.replace("/opt/dump.sh", `${here.directory}/bin/dump.sh`);
    here.write("sersync.conf", SERSYNC_CONF);
    for (const root of roots) fill(root);
    await here.run(
      "tsrsync-watch convert sersync.conf > watch.yaml\ntsrsync-watch -d -o watch.yaml",
    );
    for (const root of roots) change(root);
    await here.run("tsrsync-watch flush -o watch.yaml");
    await here.end();
    const [files, db, images] = roots as [string, string, string];
    same(files, `${first.path("backup1")}/file-backup`);
    same(db, `${first.path("backup1")}/db-backup`);
    for (const target of [second, third]) {
      const [name] = readdirSync(target.path("backup2")).filter((each) => each.endsWith("img"));
      same(images, `${target.path("backup2")}/${name}`);
    }
    expect(read(`${here.directory}/home/dumped`)).toBe("dumped\n");
  });
});
