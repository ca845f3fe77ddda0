/**
 * The examples of the README, run as they stand there but for names of hosts, users and places.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDaemon, type TestDaemon, TSRSYNC } from "../support/daemon.js";
import { runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const work = mkdtempSync(`${tmpdir()}/tsrsync-readme-`);
const scripts = `${repository}node_modules/.cache/readme-${process.pid}`;
const readme = readFileSync(`${repository}README.md`, "utf8");
const PASSWORD = { RSYNC_PASSWORD: "s3cret" };

let daemon: TestDaemon;

/** The code block in `language` that holds `text`. */
function example(language: string, text: string): string {
  const blocks = readme.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  const found = [...blocks].find((block) => block[1] === language && block[2]!.includes(text));
  if (found === undefined) throw new Error(`README.md has no ${language} block with "${text}"`);
  return found[2]!;
}

const hosted = (text: string): string =>
  text.replaceAll("backup.example.org", `127.0.0.1:${daemon.port}`);

/** Below the repository, so that its packages are found by name. */
function script(name: string, text: string): string {
  mkdirSync(scripts, { recursive: true });
  writeFileSync(`${scripts}/${name}`, text);
  return `${scripts}/${name}`;
}

function fill(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/pages`, { recursive: true });
  for (const name of ["index.html", "pages/one.html"]) {
    writeFileSync(`${directory}/${name}`, `${name}\n`);
    // Always the same: a file filled again within a second would count as unchanged.
    utimesSync(`${directory}/${name}`, 1_500_000_000, 1_500_000_000);
  }
}

const options = { owners: false };

beforeAll(async () => {
  mkdirSync(`${work}/srv/www`, { recursive: true });
  writeFileSync(`${work}/rsyncd.secrets`, "deploy:s3cret\n", { mode: 0o600 });
  const config = example("ini", "[www]")
    .replace(/= (\/var\/log|\/run|\/etc)/g, `= ${work}`)
    .replace("= /srv", `= ${work}/srv`)
    .replace("uid = deploy", `uid = ${process.getuid?.()}`)
    .replace("gid = deploy", `gid = ${process.getgid?.()}`);
  daemon = await startDaemon("tsrsync", work, config);
});

afterAll(async () => {
  await daemon.stop();
  for (const directory of [work, scripts]) rmSync(directory, { recursive: true, force: true });
});

test("the command pushes into the daemon of the configuration example, and pulls", () => {
  fill(`${work}/site`);
  const lines = hosted(example("sh", "tsrsync -ai")).trim().split("\n");
  for (const line of lines) {
    const command = line.replace(/^tsrsync/, `"${process.execPath}" "${TSRSYNC}"`);
    const result = runCommand("sh", ["-c", command], { cwd: work, env: PASSWORD });
    expect(`${result.stderr}(exit ${result.status})`).toBe("(exit 0)");
  }
  expect(readTree(`${work}/restored`, options)).toEqual(readTree(`${work}/site`, options));
});

test("the library pushes, lists and pulls", () => {
  fill(`${work}/site`);
  writeFileSync(`${work}/site/new.html`, "new\n");
  rmSync(`${work}/restored`, { recursive: true, force: true });
  const path = script("library.mjs", hosted(example("js", 'from "tsrsync"')));
  const result = runCommand(process.execPath, [path], { cwd: work, env: PASSWORD });
  expect(`${result.stderr}(exit ${result.status})`).toBe("(exit 0)");
  expect(result.stdout).toContain("new.html 4\n");
  expect(readTree(`${work}/restored`, options)).toEqual(readTree(`${work}/site`, options));
});

/** The port that a child says it listens on. */
function announcedPort(child: ChildProcess): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (chunk) => {
      output += chunk;
      const port = /listening on port (\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once("exit", () => reject(new Error(`the server ended: ${output}`)));
  });
}

test("an application's own daemon takes a push", async () => {
  fill(`${work}/site`);
  mkdirSync(`${work}/srv/inbox`, { recursive: true });
  const text = example("js", "createServer")
    .replace("/srv/inbox", `${work}/srv/inbox`)
    .replace("8730", "0");
  const server = spawn(process.execPath, [script("server.mjs", text)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  try {
    const url = `rsync://127.0.0.1:${await announcedPort(server)}/inbox/`;
    const result = runCommand(process.execPath, [TSRSYNC, "-a", `${work}/site/`, url]);
    expect(`${result.stderr}(exit ${result.status})`).toBe("(exit 0)");
    expect(readTree(`${work}/srv/inbox`, options)).toEqual(readTree(`${work}/site`, options));
  } finally {
    server.kill();
    await ended;
  }
});
