import { expect, it } from "vitest";
import { RemoteDirectory } from "./remote-directory.js";

it.each(["/local/path", "path", "rsync://:bad:/x"])("%s is no remote directory", (address) => {
  expect(() => new RemoteDirectory(address)).toThrow();
});

it.each([
  ["--remove-source-files"],
  ["--files-from=list"],
  ["--write-batch=b"],
  ["--no-such-option"],
])("%s is refused", (word) => {
  expect(() => new RemoteDirectory("rsync://h/m", { args: [word] })).toThrow();
});

it("connections can be opened ahead to daemons only", () => {
  expect(new RemoteDirectory("rsync://h/m/").canConnectAhead).toBe(true);
  expect(new RemoteDirectory("me@h::m/dir").canConnectAhead).toBe(true);
  expect(new RemoteDirectory("me@h:dir/").canConnectAhead).toBe(false);
});

it("a connection that nobody answers fails with rsync's code", async () => {
  const closed = new RemoteDirectory("rsync://127.0.0.1:1/m/", { connectTimeout: 5 });
  await expect(closed.connect()).rejects.toMatchObject({ exitCode: 10 });
  const abort = AbortSignal.abort();
  await expect(closed.connect(abort)).rejects.toMatchObject({ exitCode: 20 });
});
