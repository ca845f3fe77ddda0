import { RsyncError } from "@tsrsync/protocol";
import {
  type DaemonConnection,
  type RemoteDirectory,
  type RemoteResult,
  ToldOtherwise,
} from "tsrsync";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { targetSettings } from "../../../../tests/support/watch-target.js";
import { addressOf } from "./address.js";
import { SpareConnection } from "./spare-connection.js";
import { type GivenSession, TargetSessions } from "./target-sessions.js";

const FULL = "@ERROR: max connections (1) reached -- try again later";

/** A connection by its name. */
interface FakeConnection {
  readonly name: string;
  readonly opening: object | null;
  readonly isUsable: boolean;
  /** What the daemon said since it let us in. */
  bytesRead: number;
}

function told(name: string): FakeConnection {
  return { name, opening: {}, isUsable: true, bytesRead: 0 };
}

/** A daemon that is written to over connections that are numbered, and what became of them. */
class FakeWorld {
  readonly happened: string[] = [];
  /** How many may be open at a time. */
  places = 10;
  /** Those that are, when a new one is asked for. */
  held = 0;
  #connected = 0;
  readonly spare: SpareConnection;
  readonly sessions: TargetSessions;

  constructor() {
    const remote = {
      canConnectAhead: true,
      connect: () => this.#connect(),
      release: ({ name }: FakeConnection) => {
        this.happened.push(`released ${name}`);
        this.held = 0;
        return Promise.resolve();
      },
    } as unknown as RemoteDirectory;
    const settings = targetSettings("rsync://127.0.0.1/m");
    this.spare = new SpareConnection(remote, 30_000, Date.now);
    this.sessions = new TargetSessions({
      remote,
      spare: this.spare,
      address: addressOf(settings),
      settings,
      now: () => new Date(),
    });
  }

  async #connect(): Promise<DaemonConnection> {
    if (this.held >= this.places) {
      this.happened.push("no place");
      throw new RsyncError(5, FULL);
    }
    const name = `${++this.#connected}`;
    return { name, opening: null, isUsable: true, bytesRead: 0 } as unknown as DaemonConnection;
  }

  async keep(connection: FakeConnection): Promise<void> {
    this.held = 1;
    await this.spare.keep(connection as unknown as DaemonConnection);
  }

  /** A session; `fails` may throw for its connection. */
  async push(fails: (connection: FakeConnection) => void = () => {}): Promise<void> {
    await this.sessions.run(undefined, ({ request }: GivenSession) => {
      const connection = request.connection as unknown as FakeConnection;
      fails(connection);
      this.happened.push(`pushed over ${connection.name}`);
      return Promise.resolve({ exitCode: 0, protocol: 31 } as RemoteResult);
    });
  }

  /** A session with other words than the daemon was told. */
  pushOtherwise(): Promise<void> {
    return this.push(({ opening }) => {
      if (opening !== null) throw new ToldOtherwise();
    });
  }
}

const worlds: FakeWorld[] = [];
function newWorld(): FakeWorld {
  const world = new FakeWorld();
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.spare.drop();
});

it("a push that the daemon was told of goes over the spare connection", async () => {
  const world = newWorld();
  await world.keep(told("spare"));
  await world.push();
  await world.push();
  expect(world.happened).toEqual(["pushed over spare", "pushed over 1"]);
});

it("another push goes over a new connection, and the spare one is for the next", async () => {
  const world = newWorld();
  await world.keep(told("spare"));
  await world.pushOtherwise();
  await world.push();
  expect(world.happened).toEqual(["pushed over 1", "pushed over spare"]);
});

it("a spare connection is passed by once, then given back", async () => {
  const world = newWorld();
  await world.keep(told("spare"));
  await world.pushOtherwise();
  expect(world.happened).toEqual(["pushed over 1"]);
  await world.pushOtherwise();
  expect(world.happened.slice(1)).toEqual(["released spare", "pushed over 2"]);
  await world.keep(told("next"));
  await world.pushOtherwise();
  await world.push();
  expect(world.happened.slice(3)).toEqual(["pushed over 3", "pushed over next"]);
});

it("a spare connection that has the daemon's only place is given back first", async () => {
  const world = newWorld();
  world.places = 1;
  await world.keep(told("spare"));
  await world.pushOtherwise();
  await world.push();
  expect(world.happened).toEqual(["no place", "released spare", "pushed over 1", "pushed over 2"]);
});

const cut = () => new RsyncError(12, "connection unexpectedly closed (0 bytes received so far)");

it("a told connection that is dead without a word is no failure", async () => {
  const world = newWorld();
  await world.keep(told("spare"));
  await world.push(({ opening }) => {
    if (opening !== null) throw cut();
  });
  expect(world.happened).toEqual(["pushed over 1"]);
});

it("a session that was cut off after the daemon had said something is not done again at once", async () => {
  const world = newWorld();
  await world.keep(told("spare"));
  const push = world.push((connection) => {
    connection.bytesRead++;
    throw cut();
  });
  await expect(push).rejects.toMatchObject({ failureClass: "unreachable" });
  expect(world.happened).toEqual([]);
});

describe("places that are taken", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are waited for when a session of ours may have one still", async () => {
    const world = newWorld();
    world.places = 1;
    await world.push();
    world.held = 1;
    const push = world.push();
    await vi.advanceTimersByTimeAsync(500);
    expect(world.happened.slice(1).every((what) => what === "no place")).toBe(true);
    world.held = 0;
    await vi.advanceTimersByTimeAsync(1500);
    await push;
    expect(world.happened.at(-1)).toBe("pushed over 2");
  });

  it("are not waited for for long, nor asked for all the time", async () => {
    const world = newWorld();
    await world.push();
    world.places = 0;
    const failure = expect(world.push()).rejects.toMatchObject({ failureClass: "busy" });
    await vi.advanceTimersByTimeAsync(2000);
    await failure;
    expect(world.happened.length).toBeLessThan(10);
    await expect(world.push()).rejects.toMatchObject({ failureClass: "busy" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are waited for no longer than the signal wants", async () => {
    const world = newWorld();
    await world.push();
    world.places = 0;
    const abort = new AbortController();
    const reason = new Error("enough");
    const failure = expect(world.sessions.prepare(abort.signal)).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(100);
    abort.abort(reason);
    await failure;
  });

  it("may be taken even when a spare connection was given back", async () => {
    const world = newWorld();
    world.places = 0;
    await world.keep(told("spare"));
    const failure = expect(world.pushOtherwise()).rejects.toMatchObject({ failureClass: "busy" });
    await vi.advanceTimersByTimeAsync(2000);
    await failure;
    expect(world.happened.filter((what) => what !== "no place")).toEqual(["released spare"]);
    expect(world.happened.slice(0, 3)).toEqual(["no place", "released spare", "no place"]);
  });

  it("are waited for by nobody who had no session", async () => {
    const world = newWorld();
    world.places = 0;
    await expect(world.push()).rejects.toMatchObject({ failureClass: "busy" });
    expect(world.happened).toEqual(["no place"]);
  });
});
