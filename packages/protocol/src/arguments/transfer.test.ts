import fc from "fast-check";
import { expect, test } from "vitest";
import { RsyncError } from "../errors.js";
import { parseLocation } from "./location.js";
import { parseArguments } from "./parse.js";
import { resolveSettings } from "./resolve.js";
import { resolveTransfer, UsageNeeded } from "./transfer.js";

const transfer = (...words: string[]) => {
  const parsed = parseArguments(words);
  return resolveTransfer(parsed.paths, resolveSettings(parsed));
};

const remote = (kind: string, hostSpec: string, path: string, port: number | null = null) => {
  const at = hostSpec.lastIndexOf("@");
  const user = at < 0 ? null : hostSpec.slice(0, at);
  return { kind, hostSpec, user, host: hostSpec.slice(at + 1), port, path };
};

test.each([
  ["a/b:c", { kind: "local", path: "a/b:c" }],
  ["./a:b", { kind: "local", path: "./a:b" }],
  ["/x/a:b", { kind: "local", path: "/x/a:b" }],
  ["a@b/c:d", { kind: "local", path: "a@b/c:d" }],
  ["[a/b]:d", { kind: "local", path: "[a/b]:d" }],
  ["[ab]x:d", { kind: "local", path: "[ab]x:d" }],
  ["[]:d", { kind: "local", path: "[]:d" }],
  ["", { kind: "local", path: "" }],
  ["h:", remote("shell", "h", "")],
  ["h:a:b", remote("shell", "h", "a:b")],
  ["h:[x", remote("shell", "h", "[x")],
  ["u@h:p", remote("shell", "u@h", "p")],
  ["a@b@h:p", remote("shell", "a@b@h", "p")],
  ["@h:p", remote("shell", "@h", "p")],
  [":p", remote("shell", "", "p")],
  ["[::1]:p", remote("shell", "::1", "p")],
  ["u@[fe80::1%eth0]:p", remote("shell", "u@fe80::1%eth0", "p")],
  ["h::", remote("daemon", "h", "")],
  ["u@h::m/p", remote("daemon", "u@h", "m/p")],
  ["[::1]::m", remote("daemon", "::1", "m")],
  ["::m", remote("daemon", "", "m")],
  ["rsync://h", remote("daemon", "h", "")],
  ["rsync://h/", remote("daemon", "h", "")],
  ["RSYNC://h:/m/d", remote("daemon", "h", "m/d")],
  ["rsync://u@h:8730/m", remote("daemon", "u@h", "m", 8730)],
  ["rsync://u:p@h/m", remote("daemon", "u:p@h", "m")],
  ["rsync://[::1]:873/m", remote("daemon", "::1", "m", 873)],
  ["rsync://u@[::1]/m:x", remote("daemon", "u@::1", "m:x")],
])("%j is read as %j", (word, location) => {
  expect(parseLocation(word)).toEqual(location);
});

test.each(["rsync://h:x/d", "rsync://h:99999/d", "rsync://h:0/d", "rsync://[::1]x/d"])(
  "%j is refused instead of being taken for a host called rsync",
  (word) => {
    expect(() => parseLocation(word)).toThrow(expect.objectContaining({ exitCode: 1 }));
  },
);

test.each([
  [["a", "b"], { transport: "local", direction: "push", sources: ["a"], destination: "b" }],
  [["a"], { transport: "local", direction: "push", sources: ["a"], destination: null }],
  [["a", "h:"], { transport: "shell", direction: "push", sources: ["a"], destination: "." }],
  [
    ["h:a", ":b", "c"],
    { transport: "shell", direction: "pull", sources: ["a", "b"], destination: "c" },
  ],
  [["h:a"], { transport: "shell", direction: "pull", sources: ["a"], destination: null }],
  [["h::m/a", "::m/b", "c"], { transport: "daemon", sources: ["m/a", "m/b"] }],
  [["-e", "ssh", "a", "h::m"], { transport: "daemon-shell", destination: "m" }],
  [["--old-args", "h:a", ""], { destination: "." }],
  [["--read-batch=f", "x", "d"], { transport: "local", sources: [], destination: "d" }],
  [["--port=99", "h::m", "d"], { remote: { user: null, host: "h", port: 99 } }],
  [["--port=99", "rsync://u@h:98/m", "d"], { remote: { user: "u", host: "h", port: 98 } }],
  [["--files-from=h:l", "h:a", "d"], { direction: "pull" }],
  [["--files-from=:l", "a", "h:d"], { direction: "push" }],
  [["--password-file=f", "h::m", "d"], { transport: "daemon" }],
])("%j is the transfer %j", (words, expected) => {
  expect(transfer(...words)).toMatchObject(expected);
});

// Texts of rsync 3.5.0, by experiment.
test.each([
  [["h:a", "h2:b"], 1, "The source and destination cannot both be remote."],
  [["h:a", ":b"], 1, "Missing destination after the source :b"],
  [
    ["h:a", "b", "d"],
    1,
    "Unexpected local arg: b\nIf arg is a remote file/dir, prefix it with a colon (:).",
  ],
  [["a", "h:b", "d"], 1, "Unexpected remote arg: h:b"],
  [["h:a", "h2:b", "d"], 1, "All source args must come from the same machine."],
  [["h:a", "::b", "d"], 1, "All source args must use the same hostspec format."],
  [["rsync://h/a", "rsync://h:5/b", "d"], 1, "All source args must use the same port number."],
  [["--", "-h:a", "d"], 1, "Invalid remote host: hostnames may not start with '-'."],
  [["", "d"], 1, "Empty source arg specified."],
  [[""], 1, "Empty source arg specified."],
  [["a", ""], 1, 'Empty destination arg specified (use "." or see --old-args).'],
  [["h::/x", "d"], 5, "ERROR: The remote path must start with a module name not a /"],
  [["rsync://h//x", "d"], 5, "ERROR: The remote path must start with a module name not a /"],
  [["--files-from=h:x", "a", "d"], 1, "--files-from cannot be remote when the transfer is local"],
  [
    ["--files-from=h2:x", "h:a", "d"],
    1,
    "--files-from hostname is not the same as the transfer hostname",
  ],
  [["--files-from=h:-", "h:a", "d"], 1, "Invalid --files-from remote filename"],
  [
    ["--password-file=f", "a", "h:d"],
    1,
    "The --password-file option may only be used when accessing an rsync daemon.",
  ],
  [
    ["--contimeout=3", "-e", "ssh", "a", "h::d"],
    1,
    "The --contimeout option may only be used when connecting to an rsync daemon.",
  ],
  [["--read-batch=f", "h:d"], 1, "remote destination is not allowed with --read-batch"],
])("%j ends with %d: %s", (words, exitCode, message) => {
  expect(() => transfer(...words)).toThrow(expect.objectContaining({ exitCode, message }));
});

test.each([
  [[]],
  [["-v"]],
  [["--files-from=x", "a"]],
  [["--files-from=x", "a", "b", "c"]],
  [["--read-batch=x"]],
])("%j needs the usage text", (words) => {
  expect(() => transfer(...words)).toThrow(UsageNeeded);
});

test("any paths give a transfer or an RsyncError", () => {
  const unit = fc.constantFrom(":", "/", "@", "[", "]", "a", "-", "rsync://", "7");
  fc.assert(
    fc.property(fc.array(fc.string({ unit, maxLength: 8 }), { maxLength: 4 }), (paths) => {
      try {
        const { remote, transport } = transfer("--", ...paths);
        expect(remote === null).toBe(transport === "local");
      } catch (error) {
        expect(error).toBeInstanceOf(RsyncError);
      }
    }),
  );
});
