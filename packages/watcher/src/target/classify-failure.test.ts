import { RsyncError, StartError } from "@tsrsync/protocol";
import { DaemonRefusal } from "tsrsync";
import { expect, it } from "vitest";
import { targetErrorOf } from "./classify-failure.js";
import type { FailureClass } from "./types.js";

/** Errors of the client, what was said before them, and their class. Texts as they were seen. */
const FAILURES: readonly [error: Error, said: readonly string[], FailureClass, exitCode: number][] =
  [
    [
      new RsyncError(10, "[sender] failed to connect to h (1.2.3.4): Connection refused (111)"),
      [],
      "unreachable",
      10,
    ],
    [
      new RsyncError(10, "getaddrinfo: nowhere 873: Name or service not known"),
      [],
      "unreachable",
      10,
    ],
    [new RsyncError(35, "timeout waiting for daemon connection"), [], "unreachable", 35],
    [new RsyncError(30, "timeout in data send/receive"), [], "unreachable", 30],
    [
      new RsyncError(12, "connection unexpectedly closed (0 bytes received so far)"),
      [],
      "unreachable",
      12,
    ],
    [new RsyncError(255, "the shell ended"), [], "unreachable", 255],
    [new RsyncError(127, "the shell ended"), [], "refused", 127],
    [new RsyncError(12, "unexpected tag 93"), [], "protocol", 12],
    [new RsyncError(2, "file index: unexpected value"), [], "protocol", 2],
    [new StartError("did not see server greeting"), [], "unreachable", 5],
    [new DaemonRefusal("@ERROR: Unknown module 'x'"), [], "refused", 5],
    [new DaemonRefusal("@ERROR: auth failed on module x"), [], "refused", 5],
    [new DaemonRefusal("@ERROR: max connections (4) reached -- try again later"), [], "busy", 5],
    [
      new RsyncError(1, "the other side ended the session with code 1"),
      [
        "ERROR: module is read only",
        "rsync error: syntax or usage error (code 1) at main.c(1185) [Receiver=3.5.0]",
      ],
      "refused",
      1,
    ],
    [
      new RsyncError(10, "read error: read ECONNRESET"),
      [
        "rsync: on remote machine: --delete-missing-args: unknown option",
        "rsync error: requested action not supported (code 4) at clientserver.c(810) [receiver=3.0.0]",
      ],
      "protocol",
      4,
    ],
    [
      new RsyncError(11, "the other side ended the session with code 11"),
      ['rsync: [receiver] write failed on "big" (in m): No space left on device (28)'],
      "full",
      11,
    ],
    [
      new RsyncError(11, "ended with code 11"),
      ['rsync: write failed on "big": Disk quota exceeded (122)'],
      "full",
      11,
    ],
    [
      new RsyncError(11, "ended with code 11"),
      ['rsync: [Receiver] mkdir "/x" (in m) failed: Permission denied (13)'],
      "refused",
      11,
    ],
  ];

it.each(FAILURES)("%s %j is %s (%i)", (error, said, failureClass, exitCode) => {
  const notices = said.map((text) => ({ level: "error" as const, text: `${text}\n` }));
  const failure = targetErrorOf(error, notices, true);
  expect(failure).toMatchObject({ failureClass, exitCode, wasLetIn: true, problems: said });
  expect(failure.message).toBe(said[0] ?? error.message);
});
