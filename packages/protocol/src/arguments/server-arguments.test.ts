import { expect, test } from "vitest";
import vectors from "../../../../docs/protocol/vectors/server-args.json" with { type: "json" };
import {
  type Environment,
  parseArguments,
  remoteCommand,
  resolveSettings,
  resolveTransfer,
  serverArguments,
} from "./index.js";

/** What a client runs for a command line: the remote shell's arguments and the remote command. */
function run(words: readonly string[], environment: Environment = {}) {
  const parsed = parseArguments(words);
  const settings = resolveSettings(parsed, environment);
  const transfer = resolveTransfer(parsed.paths, settings);
  const paths = transfer.direction === "push" ? [transfer.destination!] : transfer.sources;
  const { direction, transport } = transfer;
  const server =
    transport === "shell"
      ? serverArguments(settings, { direction, transport, protocol: settings.protocol, paths })
          .words
      : null;
  return remoteCommand(settings, transfer.remote!, server, environment);
}

const options = vectors.options.map((vector) => ({ ...vector, title: vector.options.join(" ") }));

test.each(options)(
  "$title ($role) tells the server what rsync 3.5.0 tells it",
  ({ options, role, server }) => {
    const paths = role === "push" ? ["src", "host:dst"] : ["host:src", "dst"];
    const { command } = run(["-e", "sh", ...options, ...paths]);
    const dot = command.indexOf(".");
    expect(command.slice(1, dot < 0 ? command.length : dot)).toEqual(server);
  },
);

interface PathVector {
  options: string[];
  env: Environment;
  arguments: string[];
  shell?: string[];
  command?: string[];
  exit?: number;
  error?: string;
}

const paths = (vectors.paths as unknown as PathVector[]).map((vector) => ({
  ...vector,
  title: JSON.stringify([...vector.options, ...vector.arguments, vector.env]),
}));

test.each(paths)("$title starts what rsync 3.5.0 starts", (vector) => {
  const attempt = () => run(["-e", "sh", ...vector.options, ...vector.arguments], vector.env);
  if (vector.error !== undefined) {
    expect(attempt).toThrow(vector.error);
    return;
  }
  const { shell, command } = attempt();
  expect(shell.slice(1)).toEqual(vector.shell);
  expect(command).toEqual(vector.command);
});
