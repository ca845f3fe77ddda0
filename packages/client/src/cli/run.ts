/**
 * The command in a process: its words, streams, environment and signals.
 * @module
 */
import { fstatSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { JoinedStreams } from "../transport/joined-streams.js";
import { main } from "./main.js";

/** Runs the command and sets the exit code. A second signal ends the process at once. */
export async function run(proc: NodeJS.Process): Promise<void> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) proc.exit(20);
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) proc.on(name, onSignal);
  // Somebody who stops reading our output (`| head`) is no reason to crash.
  for (const stream of [proc.stdout, proc.stderr]) stream.on("error", () => {});
  proc.exitCode = await main({
    program: byteStringFromText(proc.argv[1] ?? "tsrsync"),
    words: wordsOf(proc),
    environment: proc.env,
    streams: proc,
    connection: () => new JoinedStreams(proc.stdin, proc.stdout),
    passedConnection,
    signal: controller.signal,
  });
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) proc.off(name, onSignal);
}

/** A client without an address is one of this machine. */
function passedConnection(): { stream: Duplex; address: string } | null {
  if (!fstatSync(0).isSocket()) return null;
  const stream = new Socket({ fd: 0, readable: true, writable: true });
  return { stream, address: stream.remoteAddress ?? "127.0.0.1" };
}

/** The words as bytes. Node reads them as text; what is none is taken from where the system keeps it. */
function wordsOf({ argv }: NodeJS.Process): ByteString[] {
  const words = argv.slice(2);
  if (!words.some((word) => word.includes("\ufffd"))) return words.map(byteStringFromText);
  try {
    const all = readFileSync("/proc/self/cmdline", "latin1").split("\0").slice(0, -1);
    return words.length === 0 ? [] : all.slice(-words.length);
  } catch {
    return words.map(byteStringFromText);
  }
}
