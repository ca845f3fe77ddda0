/**
 * A world of commands in which nothing is real, for tests.
 * @module
 */
import { convertConfig, loadSettings } from "../config/index.js";
import { type MemoryFile, memoryWorld } from "../config/testing/memory-world.js";
import type { ControlClient } from "../control/client.js";
import { ControlError } from "../control/types.js";
import { main } from "./main.js";
import type { CliServices, CliWorld } from "./world.js";

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export interface FakeWorld {
  readonly files?: Readonly<Record<string, MemoryFile>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly services?: Partial<CliServices>;
}

/** Runs a command with these files and services. Files are below /etc/tsrsync, where it runs. */
export async function runFake(words: readonly string[], fake: FakeWorld = {}): Promise<Ran> {
  const out: string[] = [];
  const error: string[] = [];
  const config = memoryWorld(fake.files ?? {}, fake.environment ?? {});
  const missing = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));
  const world: CliWorld = {
    words,
    config,
    signal: new AbortController().signal,
    services: {
      loadSettings: async (source, options) => loadSettings(source, options),
      convertConfig: async (files, options) => convertConfig(files, options),
      connectControl: () =>
        Promise.reject(new ControlError("not-running", "no mirror runs on /state")),
      createTarget: missing("createTarget"),
      machineFacts: missing("machineFacts"),
      runMirror: missing("runMirror"),
      startDaemon: missing("startDaemon"),
      ...fake.services,
    },
    fileExists: (path) =>
      Object.keys(fake.files ?? {}).some((name) => name === path || name.startsWith(`${path}/`)),
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  };
  const code = await main(world, "1.2.3");
  return { code, out: out.join("\n"), error: error.join("\n") };
}

/** A mirror that answers what it is told to. */
export function fakeControl(
  answers: Partial<ControlClient>,
  asked: string[] = [],
): CliServices["connectControl"] {
  const unexpected = (name: string) => () => Promise.reject(new Error(`${name} was not expected`));
  return async (stateDir) => {
    asked.push(stateDir);
    return {
      ...{ status: unexpected("status"), flush: unexpected("flush"), verify: unexpected("verify") },
      ...{
        retry: unexpected("retry"),
        resume: unexpected("resume"),
        release: unexpected("release"),
      },
      ...{ fullSync: unexpected("fullSync"), reload: unexpected("reload"), close: () => {} },
      ...answers,
    };
  };
}
