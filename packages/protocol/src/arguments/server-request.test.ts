import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RsyncError } from "../errors.js";
import { ArgumentListReader, LineReader } from "../handshake/index.js";
import { parseArguments } from "./parse.js";
import { resolveSettings } from "./resolve.js";
import { encodeArgumentList, serverArguments } from "./server-arguments.js";
import { parseServerRequest, refusalText } from "./server-request.js";

const session = (name: string) =>
  readFileSync(
    new URL(`../../../../docs/protocol/vectors/session/${name}.c2s.bin`, import.meta.url),
  );

const parse = (...words: string[]) => parseServerRequest(words, null, { fromDaemonClient: true });

function capturedArguments(name: string, lineCount: number, terminator: "nul" | "line"): string[] {
  const lines = new LineReader();
  lines.push(session(name));
  for (let i = 0; i < lineCount; i++) lines.next(5118);
  const reader = new ArgumentListReader(terminator);
  reader.push(lines.rest());
  return reader.next()!;
}

test("a captured pull is understood, and our client would send the same", () => {
  const words = capturedArguments("02-auth-pull-32", 3, "nul");
  expect(parse(...words)).toMatchObject({
    isSender: true,
    capabilities: ".LsfxCIvu",
    paths: ["priv/hello.txt"],
    settings: { times: true, recursive: 0, dirs: 0 },
  });
  const settings = resolveSettings(parseArguments(["-t", "h::priv/hello.txt", "out"]));
  const wanted = {
    direction: "pull",
    transport: "daemon",
    protocol: 32,
    paths: ["priv/hello.txt"],
  } as const;
  expect(serverArguments(settings, wanted).words).toEqual(words);
});

test("captured pushes of an old client are understood, before and after protocol 30", () => {
  const push = { isSender: false, paths: ["drop/"], capabilities: ".L" };
  expect(parse(...capturedArguments("03-push-30", 2, "nul"))).toMatchObject(push);
  expect(parse(...capturedArguments("04-push-29", 2, "line"))).toMatchObject(push);
});

test("a captured secluded list is joined with the command line", () => {
  const reader = new ArgumentListReader("nul");
  reader.push(session("08-pull-secluded-32-stdio"));
  const command = ["--server", "--sender", "-ste.LsfxCIvu"];
  expect(parseServerRequest(command, null, { fromDaemonClient: false }).settings.secludedArgs).toBe(
    true,
  );
  const secluded = reader.next()!;
  const request = parseServerRequest(command, secluded, { fromDaemonClient: false });
  expect(request).toMatchObject({ paths: ["two words.txt"], settings: { times: true } });
  const settings = resolveSettings(parseArguments(["-ts", "h:two words.txt", "out"]));
  const wanted = {
    direction: "pull",
    transport: "shell",
    protocol: 32,
    paths: ["two words.txt"],
  } as const;
  const ours = serverArguments(settings, wanted);
  expect(ours).toEqual({ words: command, secluded });
  expect(encodeArgumentList(ours.secluded!, "nul")).toEqual(
    new Uint8Array(session("08-pull-secluded-32-stdio").subarray(0, 23)),
  );
});

test("the second list wins over what the first has after its options", () => {
  const request = parseServerRequest(
    ["--server", "-s", ".", "(null)"],
    ["rsync", "-v", ".", "m/"],
    {
      fromDaemonClient: true,
    },
  );
  expect(request).toMatchObject({ paths: ["m/"], settings: { verbose: 1 } });
});

test("a daemon's client may quote what comes before the dot, not after it, and not in a second list", () => {
  expect(parse("--server", "--suffix=a\\ b", ".", "m/c\\ d")).toMatchObject({
    paths: ["m/c\\ d"],
    settings: { suffix: "a b" },
  });
  const request = parseServerRequest(["--server", "-s"], ["rsync", "--suffix=a\\b", ".", "x"], {
    fromDaemonClient: true,
  });
  expect(request.settings.suffix).toBe("a\\b");
});

test("after the dot everything is a path", () => {
  expect(parse("--server", "--", ".", ".", "--x").paths).toEqual([".", "--x"]);
  expect(parse("--server", ".", "m/", "--delete", "-e", ".", "--").paths).toEqual([
    "m/",
    "--delete",
    "-e",
    ".",
    "--",
  ]);
});

test.each([
  [["--daemon"], 4, "Attempt to hack rsync thwarted!"],
  [["--config=/etc/passwd"], 4, "Attempt to hack rsync thwarted!"],
  [["--backup-dir", ".", "--no-detach"], 4, "Attempt to hack rsync thwarted!"],
  [["--insecure-links"], 4, "The server is configured to refuse --insecure-links"],
  [["--log-file=/x"], 4, "The server is configured to refuse --log-file"],
  [["--copy-as=root"], 4, "The server is configured to refuse --copy-as"],
  [["--protocol=28"], 4, "The server is configured to refuse --protocol"],
  [["--help"], 4, "The server is configured to refuse --help"],
  [["-V"], 4, "The server is configured to refuse --version (-V)"],
  [["--max-alloc=0"], 1, "max-alloc must be greater than zero"],
  [["--foo"], 1, "on remote machine: --foo: unknown option"],
])("a daemon's client that sends %j is told (%d): %s", (words, exitCode, message) => {
  expect(() => parse("--server", ...words, ".", "m/")).toThrow(
    expect.objectContaining({ exitCode, message }),
  );
});

test("a forbidden option in the second list is found too", () => {
  expect(() =>
    parseServerRequest(["--server", "-s"], ["rsync", "--daemon", "."], { fromDaemonClient: true }),
  ).toThrow("thwarted");
});

test("without --server there is no request", () => {
  expect(() => parse("-r", ".", "m/")).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test("what a stranger may not decide is set back", () => {
  const words = [
    "--fake-super",
    "--stderr=all",
    "--compress-threads=99",
    "--munge-links",
    "--confine-root=/",
  ];
  expect(parse("--server", ...words, ".", "m/").settings).toMatchObject({
    superUser: "on",
    stderr: "errors",
    compressThreads: 8,
    mungeLinks: false,
    confineRoot: null,
  });
});

test("batch options are dropped with a warning; --only-write-batch is kept", () => {
  const request = parse("--server", "--read-batch=x", ".", "m/");
  expect(request.warnings).toEqual(["ignoring --read-batch option sent to server"]);
  expect(request.settings).toMatchObject({ batchMode: null, batchFile: null, dryRun: false });
  expect(parse("--server", "--only-write-batch=X", ".", "m/")).toMatchObject({
    warnings: [],
    settings: { batchMode: "only-write", batchFile: null, dryRun: false },
  });
});

test("%I makes the server itemize what did not change", () => {
  expect(parse("--server", "--log-format=%i%I", ".", "m/").settings.formatHasI).toBe(3);
  expect(parse("--server", "--log-format=%I", ".", "m/").settings.formatHasI).toBe(0);
  expect(parse("--server", "--log-format=%i", ".", "m/").settings.formatHasI).toBe(1);
});

test.each([
  ["checksum", "--checksum (-c)"],
  ["delete", "--delete"],
  ["no-acls", "--no-acls"],
  ["D", "-D"],
])("a refused %s is called %s", (name, shown) => {
  expect(refusalText(name)).toBe(`The server is configured to refuse ${shown}`);
});

test("an option value with a backslash travels in a secluded list, which all daemons read alike", () => {
  const settings = resolveSettings(parseArguments(["--suffix=a\\b", "src", "h::m"]));
  const push = { direction: "push", transport: "daemon", protocol: 32, paths: ["m"] } as const;
  expect(serverArguments(settings, push)).toEqual({
    words: ["--server", "-se.LsfxCIvu"],
    secluded: ["rsync", "--suffix=a\\b", ".", "m/"],
  });
  expect(serverArguments(settings, { ...push, protocol: 29 })).toEqual({
    words: ["--server", "--suffix=a\\b", ".", "m/"],
    secluded: null,
  });
});

test("paths for a daemon keep their module, and a second mention of it is masked", () => {
  const words = (options: string[], ...paths: string[]) => {
    const settings = resolveSettings(parseArguments([...options, "h::m", "dst"]));
    const pull = { direction: "pull", transport: "daemon", protocol: 32, paths } as const;
    return serverArguments(settings, pull).words.slice(3);
  };
  expect(words([], "m", "m/a m/b", "x y")).toEqual([".", "m/", "m/a[ ]m/b", "x y"]);
  expect(words(["--old-args"], "m", "m/a m/b", "-x")).toEqual([".", "m/", "m/a m/b", "./-x"]);
  expect(words(["--temp-dir="], "m")).toEqual([".", "m/"]);
});

test("an empty value never ends a daemon's list", () => {
  const settings = resolveSettings(parseArguments(["--temp-dir=", "src", "h::m"]));
  const push = { direction: "push", transport: "daemon", protocol: 32, paths: ["m"] } as const;
  expect(serverArguments(settings, push).words).not.toContain("");
});

test("any arguments give a request or an RsyncError", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "--server",
      "--sender",
      ".",
      "-s",
      "-logDtpre.iLsfxCIvu",
      "--delete",
      "--append",
    ),
    fc.string({ unit: "binary-ascii", maxLength: 8 }),
  );
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 6 }),
      fc.array(word, { maxLength: 3 }),
      (first, second) => {
        try {
          const request = parseServerRequest(["--server", ...first], second, {
            fromDaemonClient: true,
          });
          expect(request.settings.server).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RsyncError);
        }
      },
    ),
  );
});
