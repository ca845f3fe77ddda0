/**
 * A session with a daemon over an open connection: login, arguments, transfer (spec 1-session, 4 and 5).
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { StartError, StreamError } from "@tsrsync/protocol";
import { clientCapabilities, type ServerSession, type Transfer } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  algorithmListsOf,
  conductSession,
  negotiatesAlgorithms,
  type Session,
  type SetUpRequest,
  setUpSession,
  transferOptionsFrom,
} from "@tsrsync/transfer";
import { commandText } from "../output/command-text.js";
import { transferFiles } from "./client-roles.js";
import { type DaemonConnection, moduleOf } from "./daemon-connection.js";
import { debugLine } from "./debug-line.js";
import { openingOf } from "./opening.js";
import type { ClientResult, FilteredRun } from "./run-client.js";
import { serverWords } from "./server-words.js";

/** Nobody who has something to say takes longer. */
const HEAR_OUT_MS = 5000;

/** Converses with a daemon to the end. The connection is left open. */
export async function conductWithDaemon(
  run: FilteredRun,
  { stream, channel, protocol, ready, acquaintance, opening: told }: DaemonConnection,
): Promise<ClientResult> {
  const { settings, transfer } = run;
  const paths = remotePaths(transfer);
  if (!ready) return { exitCode: 0, statistics: null, protocol };
  if (moduleOf(paths[0] ?? "") === "") {
    throw new StartError("the daemon took a request for nothing");
  }

  const { direction } = transfer;
  const negotiated: ServerSession = { direction, transport: "daemon", protocol, paths };
  const words = serverWords(settings, negotiated);
  debugLine(run, "CMD", () => `sending daemon args: ${commandText(words.words)}`);
  const { secluded } = words;
  if (secluded !== null) {
    debugLine(run, "CMD", () => `protected args: ${commandText(withoutName(secluded))}`);
  }
  const options = {
    ...transferOptionsFrom(settings, protocol, run.filters),
    filesFrom: run.filesFrom,
  };
  const opening = told ?? (await openingOf(run, words, negotiated, options, acquaintance));
  if (told === null) stream.write(opening.bytes);

  const setUp: SetUpRequest = {
    stream,
    initialBytes: channel.release(),
    hasEnded: channel.isOver,
    isServer: false,
    isSender: direction === "push",
    protocol,
    capabilities: clientCapabilities(settings, negotiated),
    options,
    observer: run.observer,
    recorder: run.recorder,
    algorithmLists: algorithmListsOf(run.environment),
    offered: opening.offered,
  };
  const session = await setUpSession(setUp);
  acquaintance?.learn(
    protocol,
    session.compatFlags,
    run.push?.selection === undefined ? null : opening,
  );
  if (opening.offered !== null && !negotiatesAlgorithms(session.compatFlags)) {
    await conductSession(session, run.signal, () => hearOut(session));
  }
  await conductSession(session, run.signal, () => transferFiles(session, transfer, run.push));
  return { exitCode: session.exitCode(), statistics: session.statistics, protocol };
}

/**
 * The daemon was taken for what it is not (any more), as when it refuses an option: all that is left is what it has to say.
 * @throws RsyncError in any case
 */
async function hearOut({ input }: Session): Promise<never> {
  await Promise.race([input.drainToEnd(), delay(HEAR_OUT_MS, undefined, { ref: false })]);
  throw new StreamError(
    `connection unexpectedly closed (${input.bytesRead} bytes received so far)`,
  );
}

/** A secluded list begins with the name of a program. */
export function withoutName(secluded: readonly ByteString[]): readonly ByteString[] {
  return secluded.slice(1);
}

/** What is asked of the other end: the sources of a pull, the destination of a push. */
export function remotePaths(transfer: Transfer): readonly ByteString[] {
  if (transfer.direction === "pull") return transfer.sources;
  return [transfer.destination ?? ""];
}
