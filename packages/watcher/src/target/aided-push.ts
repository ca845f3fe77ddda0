/**
 * Runs sessions that are to spare sending moved files. They need not succeed: what they did not bring goes like any other file.
 * @module
 */
import { ExitCode } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { RemoteDirectory, RemoteResult } from "tsrsync";
import type { AidedSession } from "./aided-sessions.js";
import { withParents } from "./plan-sessions.js";
import type { PushRun } from "./push-run.js";
import type { RootPlace } from "./root-place.js";
import type { WritingKind } from "./session-words.js";
import { TargetError } from "./target.js";
import type { EndedSession, TargetSessions } from "./target-sessions.js";
import type { Capabilities } from "./types.js";

/** What these sessions are run with. */
export interface AidedPushParts {
  readonly remote: RemoteDirectory;
  readonly sessions: TargetSessions;
  readonly place: RootPlace;
}

/** One of them in a push. */
export interface AidedJob {
  readonly run: PushRun;
  readonly signal?: AbortSignal | undefined;
  readonly capabilities: Pick<Capabilities, "nanoseconds">;
  /** The words of a session, but for the option that makes it one of these. */
  words(kind: WritingKind, compress: boolean): string[];
}

/** Said of old data that changed, or that the receiver is not allowed to read: rsync 3.4.3 finds it, and can not open it. */
const OLD_DATA_LOST = /failed verification/;

export class AidedPush {
  readonly #parts: AidedPushParts;

  constructor(parts: AidedPushParts) {
    this.#parts = parts;
  }

  /**
   * Runs a session.
   * @returns the files that are to be sent otherwise
   * @throws TargetError when no other session would do any better, or the signal's reason
   */
  async push(session: AidedSession, job: AidedJob): Promise<readonly ByteString[]> {
    const { option, directory, files } = session;
    const { refused } = job.run;
    if (refused.has(option)) return files;
    try {
      const ended = await this.#send(session, job);
      job.run.count(ended);
      if (ended.result.exitCode !== ExitCode.Partial) return [];
      if (ended.notices.some(({ text }) => OLD_DATA_LOST.test(text))) refused.add(option);
    } catch (error) {
      if (!(error instanceof TargetError) || isLasting(error)) throw error;
      if (/configured to refuse/.test(error.message)) refused.add(option);
    } finally {
      if (directory !== "") this.#parts.place.leave();
    }
    return files;
  }

  #send(session: AidedSession, job: AidedJob): Promise<EndedSession<RemoteResult>> {
    const { remote, sessions, place } = this.#parts;
    const { option, directory, alternate } = session;
    const isWhole = directory === "";
    const root = isWhole ? place.path : `${place.path}/${directory}`;
    const names = session.files.map((path) => (isWhole ? path : path.slice(directory.length + 1)));
    const present = withParents(names, [], []);
    const selection = { present, missing: [], moved: [], keepsHardLinks: false };
    const kind = kindOf(session, job);
    return sessions.run(job.signal, ({ request, compress }) => {
      const words = job.words(kind, compress);
      const args = option === "fuzzy" ? [...words, "--fuzzy"] : words;
      return remote.push(root, selection, { ...request, args, place, directory, alternate });
    });
  }
}

/** What is there may look the same without being it: then it is only what the file is made of. */
function kindOf({ files }: AidedSession, { capabilities, run }: AidedJob): WritingKind {
  const isSure = capabilities.nanoseconds && !files.some((path) => run.plan.forced.has(path));
  return isSure ? "usual" : "forced";
}

/** Another session would end the same way. Daemons of old hang up on what they refuse. */
function isLasting({ failureClass, wasLetIn, exitCode }: TargetError): boolean {
  if (failureClass === "unreachable") return !wasLetIn || exitCode === ExitCode.Timeout;
  return failureClass === "full" || failureClass === "busy";
}
