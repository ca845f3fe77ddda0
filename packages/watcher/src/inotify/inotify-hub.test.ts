import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { loadInotifyCalls } from "./calls.js";
import { visitEvents } from "./events.js";
import { DIRECTORY_MASK, IN_CREATE } from "./flags.js";
import { InotifyHub, type InotifySubscriber } from "./inotify-hub.js";
import type { ReaderBatch } from "./reader-messages.js";

const calls = loadInotifyCalls();

/** Gathers the names that were made. */
class Subscriber implements InotifySubscriber {
  readonly watches = new Set<number>();
  readonly created: string[] = [];
  /** When the batches came, and when their events were noticed. */
  readonly batches: { at: number; since: number }[] = [];

  batch({ bytes, since }: ReaderBatch): void {
    this.batches.push({ at: Date.now(), since });
    visitEvents(
      bytes,
      0,
      (watch, mask, _cookie, name) => {
        if (this.watches.has(watch) && (mask & IN_CREATE) !== 0) this.created.push(name);
      },
      () => true,
    );
  }
  lost(): void {}
  hasWatch(watch: number): boolean {
    return this.watches.has(watch);
  }
}

describe.runIf(calls !== null)("the process's inotify instances", () => {
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "tsrsync-hub-"));
    mkdirSync(`${place}/a`);
    mkdirSync(`${place}/b`);
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const descriptors = (): number => readdirSync("/proc/self/fd").length;

  test("are read by a thread, which ends with the last of them", async () => {
    const before = descriptors();
    const hub = new InotifyHub(calls!);
    const one = new Subscriber();
    const handle = hub.open(one);
    one.watches.add(handle.add(`${place}/a`, DIRECTORY_MASK));
    expect(handle.add(`${place}/none`, DIRECTORY_MASK)).toBe(-constants.errno.ENOENT);
    writeFileSync(`${place}/a/f`, "");
    await handle.drain();
    expect(one.created).toEqual(["f"]);
    await handle.close();
    expect(descriptors()).toBe(before);
  });

  test("are shared when there can be no more, without one taking another's watches away", async () => {
    let left = 1;
    const hub = new InotifyHub({
      ...calls!,
      createInstance: () => (left-- > 0 ? calls!.createInstance() : -constants.errno.EMFILE),
    });
    const [one, two] = [new Subscriber(), new Subscriber()];
    const first = hub.open(one);
    const second = hub.open(two);
    expect(first.isShared() && second.isShared()).toBe(true);
    one.watches.add(first.add(`${place}/a`, DIRECTORY_MASK));
    const same = second.add(`${place}/a`, DIRECTORY_MASK);
    two.watches.add(same).add(second.add(`${place}/b`, DIRECTORY_MASK));
    writeFileSync(`${place}/a/f`, "");
    writeFileSync(`${place}/b/g`, "");
    await first.drain();
    expect([one.created, two.created]).toEqual([["f"], ["f", "g"]]);

    second.remove(same);
    two.watches.delete(same);
    await second.close();
    writeFileSync(`${place}/a/h`, "");
    await first.drain();
    expect(one.created).toEqual(["f", "h"]);
    await first.close();
  });

  test("leave events in the queue that were noticed just before nobody needed them", async () => {
    const hub = new InotifyHub(calls!);
    const one = new Subscriber();
    const handle = hub.open(one);
    one.watches.add(handle.add(`${place}/a`, DIRECTORY_MASK));
    await vi.waitFor(async () => {
      handle.calm(0);
      await handle.drain(); // what comes so soon after another event rests for some milliseconds
      one.batches.length = 0;
      writeFileSync(`${place}/a/${one.created.length}`, "");
      await new Promise((resolve) => setTimeout(resolve, 1));
      handle.calm(50);
      await vi.waitFor(() => expect(one.batches.length).toBeGreaterThan(0));
      const { at, since } = one.batches[0]!;
      expect(at - since).toBeGreaterThan(20);
      expect(at - since).toBeLessThan(500);
    });
    await handle.close();
  });

  test("leave events in the queue while nobody needs them, until somebody does", async () => {
    const hub = new InotifyHub(calls!);
    const one = new Subscriber();
    const handle = hub.open(one);
    one.watches.add(handle.add(`${place}/a`, DIRECTORY_MASK));
    await handle.drain();
    const write = (): void => writeFileSync(`${place}/a/${one.created.length}`, "");
    // On a busy machine the thread may notice too late that there was something to leave.
    await vi.waitFor(async () => {
      handle.calm(50);
      write();
      await vi.waitFor(() => expect(one.batches.length).toBeGreaterThan(0));
      const { at, since } = one.batches.shift()!;
      expect(at - since).toBeGreaterThan(20);
    });

    const before = one.created.length;
    handle.calm(50);
    write();
    await handle.drain();
    expect(one.created.length).toBe(before + 1);
    await handle.close();
  });

  test("say what is missing when there can be none", () => {
    const hub = new InotifyHub({ ...calls!, createInstance: () => -constants.errno.EMFILE });
    expect(() => hub.open(new Subscriber())).toThrow("fs.inotify.max_user_instances");
  });
});
