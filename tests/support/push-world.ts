/**
 * A source, a target, daemons in front of it, and clients as a mirror has them.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect } from "vitest";
import { TargetError } from "../../packages/watcher/src/target/target.js";
import { TargetClient } from "../../packages/watcher/src/target/target-client.js";
import type { Capabilities, PushPlan } from "../../packages/watcher/src/target/types.js";
import { type Implementation, startDaemon, type TestDaemon } from "./daemon.js";
import { isRoot } from "./rsync.js";
import { type TargetChanges, targetSettings } from "./watch-target.js";

/** A target that can do everything. */
export const ALL: Capabilities = {
  missingArguments: true,
  deletes: true,
  hardLinks: true,
  renameOptions: [],
  nanoseconds: true,
};

export class PushWorld {
  readonly work: string = mkdtempSync(`${tmpdir()}/tsrsync-push-`);
  readonly source: string = `${this.work}/source`;
  readonly target: string = `${this.work}/target`;
  readonly #daemons = new Map<Implementation, TestDaemon>();
  readonly #clients: TargetClient[] = [];

  /** @param modules further modules; `%T` stands for the target */
  async start(implementations: readonly Implementation[], modules = ""): Promise<void> {
    chmodSync(this.work, 0o755);
    this.clean();
    const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const config = `use chroot = no
munge symlinks = no
${identity}socket options = TCP_NODELAY
[m]
path = %T
read only = no
${modules}`;
    const text = config.replaceAll("%T", this.target);
    await Promise.all(
      implementations.map(async (name) => {
        this.#daemons.set(name, await startDaemon(name, `${this.work}/${name}`, text));
      }),
    );
  }

  /** Both sides empty. */
  clean(): void {
    for (const directory of [this.source, this.target]) {
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory);
    }
  }

  /** Writes files of the source; directories are made. */
  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = `${this.source}/${name}`;
      mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      writeFileSync(path, content);
    }
  }

  daemon(implementation: Implementation): TestDaemon {
    return this.#daemons.get(implementation)!;
  }

  url(implementation: Implementation, path: string, user = ""): string {
    return `rsync://${user}127.0.0.1:${this.daemon(implementation).port}/${path}`;
  }

  /** A client for a module, or for an address. */
  client(where: Implementation | string, path = "m", changes: TargetChanges = {}): TargetClient {
    const url = where.includes("://") ? where : this.url(where as Implementation, path);
    const client = new TargetClient(this.source, targetSettings(url, changes));
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.all([...this.#daemons.values()].map((daemon) => daemon.stop()));
    rmSync(this.work, { recursive: true, force: true });
  }
}

export function plan(changes: Partial<PushPlan>): PushPlan {
  return { items: [], forced: new Set(), deletes: [], trees: [], links: [], ...changes };
}

/** What a request fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<TargetError> {
  const error = await promise.then(
    () => expect.fail("expected a failure"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TargetError);
  return error as TargetError;
}
