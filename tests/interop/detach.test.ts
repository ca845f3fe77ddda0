import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../support/daemon.js";
import { runProgram } from "../support/program.js";

let work: string;

beforeEach(() => {
  work = mkdtempSync(`${tmpdir()}/tsrsync-detach-`);
});

afterEach(() => {
  rmSync(work, { recursive: true, force: true });
});

function startDetached(port: number) {
  const config = `${work}/rsyncd.conf`;
  writeFileSync(
    config,
    `pid file = ${work}/pid\nlog file = ${work}/log\naddress = 127.0.0.1\n[here]\npath = ${work}\nuse chroot = no\n`,
  );
  return runProgram("tsrsync", ["--daemon", `--config=${config}`, `--port=${port}`]);
}

/** Ends a daemon in the background; its pid file goes with it. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  await expect.poll(() => existsSync(`${work}/pid`), { timeout: 10_000 }).toBe(false);
}

test("a daemon in the background listens when its command is over", async () => {
  const port = await freePort();
  const started = await startDetached(port);
  expect(started).toEqual({ status: 0, stdout: "", stderr: "" });
  const pid = Number(readFileSync(`${work}/pid`, "latin1"));
  try {
    const listing = await runProgram("rsync", [`rsync://127.0.0.1:${port}/`]);
    expect(listing.stdout).toContain("here");
  } finally {
    await stop(pid);
  }
});

test("a daemon that can not listen says so before it is in the background", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  try {
    const started = await startDetached(port);
    expect(started.status).toBe(10);
    expect(started.stderr).toContain(`unable to bind any inbound sockets on port ${port}`);
    expect(readFileSync(`${work}/log`, "latin1")).toContain("unable to bind");
  } finally {
    taken.close();
  }
});

test("a second daemon with the same pid file ends at once", async () => {
  expect((await startDetached(await freePort())).status).toBe(0);
  const pid = Number(readFileSync(`${work}/pid`, "latin1"));
  try {
    const second = await startDetached(await freePort());
    expect(second.status).toBe(11);
    expect(second.stderr).toContain("failed to lock pid file");
  } finally {
    await stop(pid);
  }
});
