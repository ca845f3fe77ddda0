/**
 * The command that starts the server on another machine.
 *
 *     SHELL WORDS...  [-l USER]  [-4|-6]  HOST  RSYNC-PATH  SERVER ARGUMENTS...
 *
 * Spec: docs/protocol/1-session.md, 2.2 and 2.3; docs/protocol/4-command.md, 9.
 * @module
 */
import { UsageError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import type { Environment, ResolvedSettings } from "./resolve.js";
import type { RemoteHost } from "./transfer.js";

/** What to run: the program with all of its arguments. */
export interface RemoteCommand {
  /** The remote shell's own words, up to and with the host. */
  readonly shell: readonly ByteString[];
  /** From the remote program on. */
  readonly command: readonly ByteString[];
}

/**
 * Splits the text of `--rsh` at spaces. Quotes group; a doubled quote inside is that quote; there are no backslashes.
 * @throws UsageError for a quote that is not closed.
 */
export function splitShellCommand(text: ByteString): ByteString[] {
  const words: ByteString[] = [];
  let word = "";
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "'" || character === '"') {
      const [quoted, end] = readQuoted(text, at);
      word += quoted;
      at = end;
      inWord = true;
    } else if (character !== " ") {
      word += character;
      inWord = true;
    } else if (inWord) {
      words.push(word);
      word = "";
      inWord = false;
    }
  }
  return inWord ? [...words, word] : words;
}

/** The text of the quotes that open at `start`, and where they close. */
function readQuoted(text: ByteString, start: number): [ByteString, number] {
  const quote = text[start]!;
  let quoted = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== quote) quoted += text[at];
    else if (text[at + 1] === quote) quoted += text[++at];
    else return [quoted, at];
  }
  throw new UsageError(`Missing trailing-${quote} in remote-shell command.`);
}

/**
 * The command for a remote shell.
 * @param serverWords `words` of `serverArguments`; null starts a daemon (`--server --daemon .`) instead.
 */
export function remoteCommand(
  settings: ResolvedSettings,
  { user, host }: RemoteHost,
  serverWords: readonly ByteString[] | null,
  environment: Environment = {},
): RemoteCommand {
  const shell = splitShellCommand(settings.rsh ?? environment.RSYNC_RSH ?? "ssh");
  const namesUser = serverWords === null && shell.some((word) => word.startsWith("-l"));
  const isSsh = shell[0]?.split("/").at(-1) === "ssh";
  const family = settings.addressFamily !== null && isSsh ? [`-${settings.addressFamily}`] : [];
  return {
    shell: [...shell, ...(user && !namesUser ? ["-l", user] : []), ...family, host],
    command: [settings.rsyncPath ?? "rsync", ...(serverWords ?? ["--server", "--daemon", "."])],
  };
}
