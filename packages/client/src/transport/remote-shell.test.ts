import { expect, test } from "vitest";
import { startConnectProgram } from "./connect-program.js";
import { startShell } from "./remote-shell.js";

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

test("a shell reads what is written and is heard to its end, status included", async () => {
  const shell = startShell(["sh", "-c", "tr a-z A-Z; exit 7"], process.env);
  shell.stream.write("hello");
  shell.stream.end();
  expect(await textOf(shell.stream)).toBe("HELLO");
  expect(await shell.end()).toBe(7);
});

test("what a shell said last is read although it reads no more", async () => {
  const shell = startShell(["sh", "-c", "exec <&-; sleep 0.1; echo last words"], process.env);
  for (let i = 0; i < 20; i++) shell.stream.write(Buffer.alloc(100_000));
  expect(await textOf(shell.stream)).toBe("last words\n");
  expect(await shell.abandon()).toBe(0);
});

test("a shell that was killed counts as 125", async () => {
  const shell = startShell(["sh", "-c", "kill -9 $$"], process.env);
  shell.stream.resume();
  expect(await shell.end()).toBe(125);
});

test("a connection program has one socket for both directions", async () => {
  const stream = await startConnectProgram("[ -S /dev/stdin ] && [ -S /dev/stdout ] && cat", "h", {
    PATH: process.env["PATH"],
  });
  stream.end("there and back");
  expect(await textOf(stream)).toBe("there and back");
});

test("a connection program is told the host, quoted", async () => {
  const stream = await startConnectProgram("echo %H 100%%", "host.example", process.env);
  expect(await textOf(stream)).toBe("host.example 100%\n");
});

test.each(["", "-oProxyCommand=x", "a b", "$(x)", "a;b", "a'b"])(
  "a host that a shell could misread is refused: %j",
  async (host) => {
    const started = startConnectProgram("echo %H", host, process.env);
    await expect(started).rejects.toThrow("unsafe host");
  },
);
