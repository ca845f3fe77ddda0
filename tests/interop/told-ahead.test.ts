/**
 * Connections that are opened before the next push is there, and told what it begins with: pushes over them, and what becomes of
 * them when the daemon, or what is wanted of it, is not as it was.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { createMirror } from "@tsrsync/watcher";
import {
  type DaemonConnection,
  RemoteDirectory,
  type RemoteDirectoryOptions,
  type RemoteRequestOptions,
  ToldOtherwise,
} from "tsrsync";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { findGenerations } from "../support/generations.js";
import { type Listening, proxyTo } from "../support/hostile.js";
import { isRoot } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-told-`);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const SECRETS = `${work}/secrets`;
writeFileSync(SECRETS, "joe:right\n", { mode: 0o600 });
const WITH_PASSWORD = `auth users = joe\nsecrets file = ${SECRETS}\n`;
/** From this push on a connection can be told of it: the first two show what the daemon is. */
const THIRD = 2;
const KEEPING = ["--links", "--perms", "--times", "--numeric-ids", "--modify-window=-1"];
let places = 0;

/** A source, a target, and a daemon with one module whose section can be changed. */
class Place {
  readonly #root = `${work}/${++places}`;
  readonly #implementation: Implementation;
  readonly source: string = `${this.#root}/source`;
  readonly target: string = `${this.#root}/target`;
  #daemon: TestDaemon | null = null;
  #files = 0;

  private constructor(implementation: Implementation) {
    this.#implementation = implementation;
    mkdirSync(this.source, { recursive: true });
    mkdirSync(this.target);
  }

  static async with(implementation: Implementation, section = ""): Promise<Place> {
    const place = new Place(implementation);
    await place.start(section);
    endings.push(() => place.#daemon!.stop());
    return place;
  }

  /** Starts the daemon, on the port that it had before. */
  async start(section = ""): Promise<void> {
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const config = `use chroot = no
munge symlinks = no
${identity}transfer logging = yes
[m]
path = ${this.target}
${sectionOf(section)}`;
    const port = this.#daemon?.port ?? 0;
    this.#daemon = await startDaemon(this.#implementation, `${this.#root}/daemon`, config, port);
  }

  /** Ends the daemon and all that serve for it, without a chance to say anything. */
  async kill(): Promise<void> {
    const { process: daemon } = this.#daemon!;
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    const { pid } = daemon;
    const servers = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    daemon.kill("SIGKILL");
    for (const server of servers.split(" ").filter(Boolean))
      process.kill(Number(server), "SIGKILL");
    await ended;
  }

  /** From the next connection on the module is another one. */
  change(section: string): void {
    const path = `${this.#root}/daemon/rsyncd.conf`;
    const text = readFileSync(path, "latin1");
    const kept = `${text.slice(0, text.indexOf("path ="))}path = ${this.target}\n`;
    writeFileSync(path, `${kept}${sectionOf(section)}`);
  }

  log(): string {
    return this.#daemon!.log();
  }

  get port(): number {
    return this.#daemon!.port;
  }

  get url(): string {
    return urlOf(this.port);
  }

  remote(options: RemoteDirectoryOptions = {}, port = this.port): RemoteDirectory {
    const { args = [], ...others } = options;
    const ends = { connectTimeout: 10, timeout: 20 };
    const password = () => Promise.resolve("right");
    return new RemoteDirectory(urlOf(port), {
      ...ends,
      password,
      args: [...KEEPING, ...args],
      ...others,
    });
  }

  /** Pushes a file that is new, over this connection. */
  async push(
    remote: RemoteDirectory,
    connection: DaemonConnection | undefined,
    options: RemoteRequestOptions = {},
  ): Promise<void> {
    const name = `d/file-${++this.#files}`;
    mkdirSync(`${this.source}/d`, { recursive: true });
    writeFileSync(`${this.source}/${name}`, noise(1000 * this.#files, this.#files));
    await this.#pushThese(remote, ["", "d", name], { ...options, connection });
  }

  /** Pushes all files that there are. */
  async pushAll(remote: RemoteDirectory, connection: DaemonConnection): Promise<void> {
    const names = Array.from({ length: this.#files }, (_, index) => `d/file-${index + 1}`);
    await this.#pushThese(remote, ["", "d", ...names], { connection });
  }

  async #pushThese(
    remote: RemoteDirectory,
    present: readonly string[],
    options: RemoteRequestOptions,
  ): Promise<void> {
    const selection = { ...NOTHING, present };
    const { exitCode } = await remote.push(this.source, selection, options);
    expect(exitCode).toBe(0);
  }

  /** Makes the daemon known so well that a connection is told of the next push. */
  async makeKnown(remote: RemoteDirectory): Promise<void> {
    for (let i = 0; i < THIRD; i++) await this.push(remote, await remote.connect());
  }

  expectEqual(): void {
    expect(readTree(this.target)).toEqual(readTree(this.source));
  }
}

function urlOf(port: number): string {
  return `rsync://joe@127.0.0.1:${port}/m/`;
}

const NOTHING = { present: [], missing: [], moved: [], keepsHardLinks: false };

function sectionOf(section: string): string {
  return `${section.includes("read only") ? "" : "read only = no\n"}${section}`;
}

/** A connection that is told of the next push. */
async function toldConnection(remote: RemoteDirectory): Promise<DaemonConnection> {
  const { isTold, logIn } = await remote.connectAhead(undefined, true);
  expect(isTold).toBe(true);
  return logIn();
}

/** What a promise is rejected with, as rsync would tell it. */
async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await promise.then(
    () => expect.fail("expected a failure"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RsyncError);
  const { exitCode, message } = error as RsyncError;
  return { exitCode, message };
}

/** How one push fails, and what is said. */
async function failingPush(place: Place, remote: RemoteDirectory, connection: DaemonConnection) {
  const notices: string[] = [];
  const observer = { notice: ({ text }: { text: string }) => notices.push(text) };
  const failure = await failureOf(place.push(remote, connection, { observer }));
  return { ...failure, notices };
}

const WAYS = (["rsync", "tsrsync"] as const).flatMap((daemon) =>
  [false, true].map((mayStandStill) => ({ daemon, mayStandStill })),
);

describe.each(WAYS)("$daemon, standing still: $mayStandStill", ({ daemon, mayStandStill }) => {
  test.each([
    ["everybody in", ""],
    ["in who has the password", WITH_PASSWORD],
  ])("that lets %s is told from the third push on", async (_, section) => {
    const place = await Place.with(daemon, section);
    const remote = place.remote({ mayStandStill });
    const told: boolean[] = [];
    for (let i = 0; i < 8; i++) {
      const { isTold, logIn } = await remote.connectAhead(undefined, true);
      told.push(isTold);
      await place.push(remote, await logIn());
    }
    expect(told).toEqual(told.map((_told, index) => index >= THIRD));
    place.expectEqual();
  });

  test("that was told of a push that does not come is left in good order", async () => {
    const place = await Place.with(daemon);
    const remote = place.remote({ mayStandStill });
    await place.makeKnown(remote);
    const before = readTree(place.target);
    const ended = () => place.log().match(/ sent \d/g)?.length ?? 0;
    await expect.poll(ended).toBe(THIRD);
    await remote.release(await toldConnection(remote));
    await expect.poll(ended).toBe(THIRD + 1);
    expect(place.log()).not.toMatch(/error/i);
    expect(readTree(place.target)).toEqual(before);
    await place.push(remote, await toldConnection(remote));
    place.expectEqual();
  });

  test("that begins to demand a password is not told before it has it", async () => {
    const place = await Place.with(daemon);
    const remote = place.remote({ mayStandStill });
    await place.makeKnown(remote);
    place.change(WITH_PASSWORD);
    await expect(toldConnection(remote)).rejects.toThrow("the daemon has changed");
    await place.makeKnown(remote);
    await place.push(remote, await toldConnection(remote));
    place.expectEqual();
  });

  test("that demands a password no more is told later than it expects", async () => {
    const place = await Place.with(daemon, WITH_PASSWORD);
    const remote = place.remote({ mayStandStill });
    await place.makeKnown(remote);
    place.change("");
    await expect(toldConnection(remote)).rejects.toThrow("the daemon has changed");
    await place.makeKnown(remote);
    await place.push(remote, await toldConnection(remote));
    place.expectEqual();
  });

  test.each(["read only = yes\n", "refuse options = perms\n"])(
    "that says no with %j says so to a push that it was told of",
    async (section) => {
      const place = await Place.with(daemon);
      const remote = place.remote({ mayStandStill });
      await place.makeKnown(remote);
      const before = readTree(place.target);
      place.change(section);
      const told = await failingPush(place, remote, await toldConnection(remote));
      const fresh = place.remote({ mayStandStill });
      expect(told).toEqual(await failingPush(place, fresh, await fresh.connect()));
      expect(readTree(place.target)).toEqual(before);
      place.change("");
      await place.pushAll(remote, await remote.connect());
      await place.makeKnown(remote);
      await place.push(remote, await toldConnection(remote));
      place.expectEqual();
    },
  );

  test("that refuses deletions says so to a push that it was told of", async () => {
    const place = await Place.with(daemon);
    const remote = place.remote({ mayStandStill });
    const remove = async (connection: DaemonConnection) => {
      writeFileSync(`${place.target}/gone`, "");
      await remote.push(place.source, { ...NOTHING, missing: ["gone"] }, { connection });
    };
    for (let i = 0; i < THIRD; i++) await remove(await remote.connect());
    await remove(await toldConnection(remote));
    expect(readTree(place.target)).not.toHaveProperty("gone");
    place.change("refuse options = delete\n");
    const failure = await failureOf(remove(await toldConnection(remote)));
    expect(failure).toEqual(await failureOf(remove(await remote.connect())));
    expect(readTree(place.target)).toHaveProperty("gone");
  });

  test("that was told of another push hears nothing of this one", async () => {
    const place = await Place.with(daemon);
    const remote = place.remote({ mayStandStill });
    await place.makeKnown(remote);
    const connection = await toldConnection(remote);
    const before = readTree(place.target);
    for (const args of [["--whole-file"], ["--dry-run"]]) {
      await expect(place.push(remote, connection, { args })).rejects.toThrow(ToldOtherwise);
    }
    await expect(remote.list("", { connection })).rejects.toThrow(ToldOtherwise);
    expect(connection.isUsable).toBe(true);
    expect(readTree(place.target)).toEqual(before);
    await place.pushAll(remote, connection);
    place.expectEqual();
  });

  test("that dies after it was told of a push is told anew when it is back", async () => {
    const place = await Place.with(daemon);
    const remote = place.remote({ mayStandStill });
    await place.makeKnown(remote);
    const connection = await toldConnection(remote);
    await place.kill();
    const { exitCode } = await failureOf(place.push(remote, connection));
    expect([ExitCode.SocketIo, ExitCode.Stream]).toContain(exitCode);
    await expect.poll(() => connection.isUsable).toBe(false);
    await remote.release(connection); // nobody to say goodbye to
    await expect(remote.connect()).rejects.toMatchObject({ exitCode: ExitCode.SocketIo });
    await place.start();
    await place.pushAll(remote, await remote.connect());
    await place.makeKnown(remote);
    await place.push(remote, await toldConnection(remote));
    place.expectEqual();
  });
});

test("a daemon that speaks another protocol than before hears nothing of a push", async () => {
  const place = await Place.with("rsync");
  let isOlder = false;
  const proxy = await listenInFrontOf(place, () => isOlder);
  endings.push(() => proxy.close());
  const remote = place.remote({}, proxy.port);
  await place.makeKnown(remote);
  isOlder = true;
  await expect(toldConnection(remote)).rejects.toThrow("the daemon has changed");
  isOlder = false;
  await place.makeKnown(remote);
  await place.push(remote, await toldConnection(remote));
  place.expectEqual();
});

/** A proxy to the daemon of a place, which may greet as an older one. */
function listenInFrontOf(place: Place, isOlder: () => boolean): Promise<Listening> {
  return proxyTo(place.port, "to-client", (chunk, offset) => {
    if (offset > 0 || !isOlder()) return chunk;
    return Buffer.from(chunk.toString("latin1").replace(/ \d+\.0/, " 30.0"), "latin1");
  });
}

const OLDER = [
  ...(["rsync", "tsrsync"] as const).flatMap((daemon) => [
    { daemon, protocol: 29, isEverTold: false },
    { daemon, protocol: 30, isEverTold: true },
  ]),
  ...findGenerations()
    .filter(({ protocol }) => protocol >= 29)
    .map(({ name, protocol }) => ({
      daemon: name,
      protocol,
      isEverTold: /^rsync-(3\.[2-9]|[4-9])/.test(name),
    })),
];

test.each(OLDER)(
  "$daemon with protocol $protocol is told of pushes: $isEverTold",
  async ({ daemon, protocol, isEverTold }) => {
    const place = await Place.with(daemon);
    // Whole seconds are all that is known below protocol 31.
    const args = [`--protocol=${protocol}`, "--modify-window=0"];
    const remote = place.remote({ args });
    const told: boolean[] = [];
    for (let i = 0; i < 5; i++) {
      const { isTold, logIn } = await remote.connectAhead(undefined, true);
      told.push(isTold);
      await place.push(remote, await logIn());
    }
    expect(told).toEqual(told.map((_, index) => isEverTold && index >= THIRD));
    const look = (root: string) => readTree(root, { times: "s", directoryTimes: false });
    expect(look(place.target)).toEqual(look(place.source));
  },
);

test.each(["rsync", "tsrsync"] as const)(
  "a mirror brings everything through the only place of %s",
  async (daemon) => {
    const place = await Place.with(
      daemon,
      `max connections = 1\nlock file = ${work}/lock-${daemon}\n`,
    );
    const mirror = await createMirror({
      defaults: { retry: { first: "0s", min: "50ms", max: "100ms" } },
      roots: [{ name: "r", path: place.source, targets: [{ name: "t", url: place.url }] }],
    });
    try {
      let files = 0;
      let pushes = 0;
      mirror.on("pushed", () => pushes++);
      for (const end = Date.now() + 3000; Date.now() < end; files++) {
        const before = pushes;
        writeFileSync(`${place.source}/file-${files}`, noise(100 * files, files));
        // So that there are pushes of two kinds: with deletions, and without.
        if (files % 3 === 2) unlinkSync(`${place.source}/file-${files - 1}`);
        await expect.poll(() => pushes, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before);
      }
      expect(files).toBeGreaterThan(5);
      await mirror.flush();
      place.expectEqual();
    } finally {
      await mirror.close();
    }
  },
);
