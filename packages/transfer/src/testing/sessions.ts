/**
 * Whole sessions in one process, for tests: our sender with our receiving side, over memory trees.
 */
import type { RsyncError } from "@tsrsync/protocol";
import { NO_IDENTITIES } from "../identity/identities.js";
import { runReceiver } from "../run-receiver.js";
import { runSender } from "../run-sender.js";
import type { Hides } from "../sender/scanner.js";
import type { PathSelection } from "../sender/selection.js";
import { Sources } from "../sender/sources.js";
import { conductSession } from "../session/end-session.js";
import type { NoticeEvent, TransferObserver } from "../session/observer.js";
import { defaultTransferOptions, type TransferOptions } from "../session/options.js";
import type { Session } from "../session/session.js";
import { setUpSession } from "../session/set-up.js";
import type { FileTree } from "../tree/file-tree.js";
import { openBelow } from "../tree/open-below.js";
import { duplexPair } from "./pair.js";

/** Options as `-a` sets them. */
export function archiveOptions(changes: Partial<TransferOptions> = {}): TransferOptions {
  return {
    ...defaultTransferOptions(),
    recursive: true,
    dirs: true,
    links: true,
    perms: true,
    times: true,
    group: true,
    owner: true,
    devices: true,
    specials: true,
    ...changes,
  };
}

export interface Outcome {
  sender: Session | null;
  receiver: Session | null;
  senderError: RsyncError | null;
  receiverError: RsyncError | null;
  notices: NoticeEvent[];
  deleted: string[];
  /** What the sender was told of: item flags and xname by name. */
  items: Record<string, { flags: number; xname: string | null }>;
}

export interface RunOptions {
  options?: Partial<TransferOptions>;
  protocol?: number;
  /** Cuts the connection when the session is not over by then. */
  cutAfterMs?: number;
  /** The list comes directory by directory. */
  incremental?: boolean;
  /** Who is the server; the other one is the client. */
  server?: "sender" | "receiver";
  /** The source arguments, paths of the source tree; by default all that is in it. */
  paths?: readonly string[];
  /** Exactly these items of the source tree, and what of it is not to be sent. */
  selection?: PathSelection;
  hides?: Hides;
  /** Tampers with what the sender, or the receiving side, says. */
  tamperSender?: (chunk: Buffer) => Buffer | null;
  tamperReceiver?: (chunk: Buffer) => Buffer | null;
  /** Alternate directories of the receiving side. */
  alternates?: readonly FileTree[];
  /** Told of the progress of either side. */
  progress?: TransferObserver["progress"];
}

/** Copies `source` to `target` as `rsync -a source/ target/` would. */
export async function synchronize(
  source: FileTree,
  target: FileTree,
  run: RunOptions = {},
): Promise<Outcome> {
  const [senderEnd, receiverEnd] = duplexPair();
  senderEnd.tamper = run.tamperSender ?? null;
  receiverEnd.tamper = run.tamperReceiver ?? null;
  const outcome: Outcome = {
    sender: null,
    receiver: null,
    senderError: null,
    receiverError: null,
    notices: [],
    deleted: [],
    items: {},
  };
  const observer: TransferObserver = {
    notice: (event) => outcome.notices.push(event),
    deleted: ({ path }) => outcome.deleted.push(path),
    item({ entry, flags, xname, outgoing }) {
      if (outgoing) outcome.items[entry.name] = { flags, xname };
    },
    ...(run.progress && { progress: run.progress }),
  };
  const common = {
    initialBytes: new Uint8Array(0),
    protocol: run.protocol ?? 32,
    capabilities: (run.protocol ?? 32) >= 30 ? `.${run.incremental ? "i" : ""}LsfxCIvu` : "",
    allowsIncremental: true,
  };
  const server = run.server ?? "receiver";
  const sending = async () => {
    const session = await setUpSession({
      ...common,
      stream: senderEnd,
      isServer: server === "sender",
      isSender: true,
      options: archiveOptions(run.options),
      observer,
    });
    outcome.sender = session;
    const sources = new Sources({
      enter: (directory) => (directory === "." ? source : source.subtree(directory)),
      describe: (_, name) => `"${name}"`,
    });
    const { paths = ["."], selection, hides } = run;
    const request = { sources, paths, selection, hides };
    await conductSession(session, undefined, () => runSender(session, request, NO_IDENTITIES));
    senderEnd.end();
  };
  const receiving = async () => {
    const session = await setUpSession({
      ...common,
      stream: receiverEnd,
      isServer: server === "receiver",
      isSender: false,
      options: archiveOptions(run.options),
      observer,
    });
    outcome.receiver = session;
    const privileges = { superUser: true, groups: new Set<number>(), umask: 0o022 };
    const describe = (path: string) => `"${path}"`;
    const alternates = (run.alternates ?? []).map((tree) => ({ tree }));
    await conductSession(session, undefined, () =>
      runReceiver(
        session,
        async () => ({
          tree: target,
          localName: null,
          privileges,
          enterAside: (path) => openBelow(target, path.replace(/^\/+/, "")),
          alternates,
          describe,
        }),
        NO_IDENTITIES,
      ),
    );
    receiverEnd.end();
  };
  const note =
    (role: "senderError" | "receiverError", end: { destroy(): unknown }) => (error: RsyncError) => {
      outcome[role] = error;
      end.destroy();
    };
  const cut = setTimeout(() => {
    senderEnd.destroy();
    receiverEnd.destroy();
  }, run.cutAfterMs ?? 30_000);
  await Promise.all([
    sending().catch(note("senderError", senderEnd)),
    receiving().catch(note("receiverError", receiverEnd)),
  ]);
  clearTimeout(cut);
  return outcome;
}
