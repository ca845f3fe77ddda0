// Pushes a real tree into a daemon of ours, changes it, pushes it again, and compares the trees after each push.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const tsrsync = `${repository}/node_modules/.bin/tsrsync`;
const BIG_FILE = "big.bin";
const BIG_BYTES = 20_000_000;

const work = mkdtempSync(`${tmpdir()}/tsrsync-demo-`);
const source = `${work}/source`;
const received = `${work}/received`;
const config = `${work}/rsyncd.conf`;

/** The repository's own documents and sources, and one big file. */
function makeSource() {
  mkdirSync(source);
  const copy = (path) =>
    cpSync(`${repository}/${path}`, `${source}/${path}`, {
      recursive: true,
      preserveTimestamps: true,
    });
  copy("docs");
  for (const name of readdirSync(`${repository}/packages`)) copy(`packages/${name}/src`);
  writeFileSync(`${source}/${BIG_FILE}`, randomFillSync(Buffer.alloc(BIG_BYTES)));
}

/** Edits in the big file and an insertion at its front, one file renamed, one changed, one removed. */
function changeSource() {
  const path = `${source}/${BIG_FILE}`;
  const big = readFileSync(path);
  for (let i = 1; i < 10; i++) big.write(`edit ${i}`, i * 2_000_003);
  writeFileSync(path, Buffer.concat([Buffer.from("inserted at the front\n"), big]));
  renameSync(`${source}/docs/glossary.md`, `${source}/docs/words.md`);
  writeFileSync(`${source}/docs/dependencies.md`, "none\n", { flag: "a" });
  rmSync(`${source}/packages/watcher`, { recursive: true });
}

/** What must be equal on both sides: type, mode, modification time, content; by path. */
function describeTree(root, name = ".", items = new Map()) {
  const path = `${root}/${name}`;
  const stat = lstatSync(path, { bigint: true });
  const content = stat.isFile()
    ? createHash("sha256").update(readFileSync(path)).digest("hex")
    : stat.isSymbolicLink()
      ? readlinkSync(path)
      : "";
  items.set(name, `${stat.mode.toString(8)} ${stat.mtimeNs} ${content}`);
  if (stat.isDirectory()) {
    for (const child of readdirSync(path)) describeTree(root, `${name}/${child}`, items);
  }
  return items;
}

function assertIdentical() {
  const expected = describeTree(source);
  const actual = describeTree(received);
  const names = new Set([...expected.keys(), ...actual.keys()]);
  const different = [...names].filter((name) => expected.get(name) !== actual.get(name));
  if (different.length > 0) throw new Error(`the trees differ: ${different.join(", ")}`);
  console.log(`\nThe trees are identical: ${expected.size} items in content, mode and time.\n`);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function greets(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => socket.destroy(resolve(true)));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

function writeConfig(port) {
  mkdirSync(received);
  // A daemon of root serves as `nobody` unless told otherwise; here it is to write as whoever started it.
  const identity = process.geteuid?.() === 0 ? "uid = 0\ngid = 0\n" : "";
  writeFileSync(
    config,
    `address = 127.0.0.1\nport = ${port}\nuse chroot = no\n${identity}pid file = ${work}/rsyncd.pid\nlog file = ${work}/rsyncd.log\n\n` +
      `[demo]\npath = ${received}\nread only = no\nmunge symlinks = no\n`,
  );
}

async function startDaemon(port) {
  const child = spawn(tsrsync, ["--daemon", "--no-detach", `--config=${config}`], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  for (let tries = 0; !(await greets(port)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw new Error("the daemon did not start");
    await delay(50);
  }
  return child;
}

const quote = (word) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
const commandLine = (...words) => words.map(quote).join(" ");

function push(...words) {
  console.log(`$ ${commandLine("tsrsync", ...words)}`);
  const started = performance.now();
  const { status } = spawnSync(tsrsync, words, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`tsrsync ended with exit code ${status}`);
  console.log(`(${((performance.now() - started) / 1000).toFixed(2)} s)`);
}

const port = await freePort();
const url = `rsync://127.0.0.1:${port}/demo/`;
makeSource();
writeConfig(port);
const daemon = await startDaemon(port);
process.once("SIGINT", () => daemon.kill());
try {
  console.log(`A daemon with the module "demo" (${received}) listens on port ${port}.\n`);
  console.log("1. The whole tree goes into the empty module:\n");
  push("-a", "--stats", `${source}/`, url);
  assertIdentical();
  changeSource();
  console.log("2. The tree was changed: only the differences go (see `Literal data`):\n");
  push("-ai", "--delete", "--stats", `${source}/`, url);
  assertIdentical();
} finally {
  const ended = daemon.exitCode === null ? once(daemon, "exit") : null;
  daemon.kill();
  await ended;
}

console.log(`To go on, start the daemon again, change something in ${source}, and push:

  ${commandLine(tsrsync, "--daemon", `--config=${config}`)}
  echo hello > ${quote(`${source}/hello`)}
  ${commandLine(tsrsync, "-ai", "--delete", `${source}/`, url)}
  ${commandLine(tsrsync, "--list-only", url)}

and when you have seen enough:

  kill $(cat ${quote(`${work}/rsyncd.pid`)})
  rm -rf ${quote(work)}`);
