/**
 * `--sockopts` and `socket options`: what the operator wants of the sockets (spec 4-command and 5-daemon, 5.2.4). Nothing
 * that is wrong with it ends a run.
 * @module
 */
import type { Server, Socket } from "node:net";
import type { ByteString } from "@tsrsync/protocol/wire";
import { loadLinuxCalls } from "../linux/index.js";
import { errnoOf, reason, treeError } from "../tree/system-error.js";

interface OptionSpec {
  level: number;
  option: number;
  /** What the name alone stands for, for an option that takes no value. */
  fixed?: number;
  /** Node has set it on all our sockets. */
  isSet?: boolean;
}

const [IPPROTO_IP, SOL_SOCKET, IPPROTO_TCP] = [0, 1, 6] as const;
const IP_TOS = 1;

/** The numbers are those of Linux. */
const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  SO_KEEPALIVE: { level: SOL_SOCKET, option: 9, isSet: true },
  SO_REUSEADDR: { level: SOL_SOCKET, option: 2 },
  SO_BROADCAST: { level: SOL_SOCKET, option: 6 },
  TCP_NODELAY: { level: IPPROTO_TCP, option: 1, isSet: true },
  IPTOS_LOWDELAY: { level: IPPROTO_IP, option: IP_TOS, fixed: 0x10 },
  IPTOS_THROUGHPUT: { level: IPPROTO_IP, option: IP_TOS, fixed: 0x08 },
  SO_SNDBUF: { level: SOL_SOCKET, option: 7 },
  SO_RCVBUF: { level: SOL_SOCKET, option: 8 },
  SO_SNDLOWAT: { level: SOL_SOCKET, option: 19 },
  SO_RCVLOWAT: { level: SOL_SOCKET, option: 18 },
  SO_SNDTIMEO: { level: SOL_SOCKET, option: 21 },
  SO_RCVTIMEO: { level: SOL_SOCKET, option: 20 },
};

/**
 * Sets the options of `list` (names or `NAME=NUMBER`, between blanks or commas) on a connected or listening socket.
 * @param role who we are, for texts
 * @returns a line for each option that is not known or could not be set, without LF
 */
export function setSocketOptions(
  socket: Socket | Server,
  list: ByteString,
  role: "sender" | "Receiver",
): ByteString[] {
  const lines: ByteString[] = [];
  for (const word of list.split(/[ \t,]+/).filter(Boolean)) {
    const [name = "", text] = word.split("=", 2);
    const spec = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (spec === undefined) {
      lines.push(`Unknown socket option ${name}`);
      continue;
    }
    if (spec.fixed !== undefined && text !== undefined) {
      lines.push(`syntax error -- ${name} does not take a value`);
    }
    const outcome = setOption(socket, spec, spec.fixed ?? numberOf(text));
    if (outcome === 0) continue;
    const why = reason(treeError(-outcome, "set socket option", ""));
    lines.push(`rsync: [${role}] failed to set socket option ${name}: ${why}`);
  }
  return lines;
}

/** As `atoi` has it; without a number an option is switched on. */
function numberOf(text: string | undefined): number {
  return text === undefined ? 1 : Number.parseInt(text, 10) | 0;
}

function setOption(socket: Socket | Server, spec: OptionSpec, value: number): number {
  const calls = loadLinuxCalls();
  if (calls === null) return setWithoutCalls(socket, spec, value);
  return calls.setSocketOption(descriptorOf(socket), spec.level, spec.option, value);
}

/** What Node itself can set. */
function setWithoutCalls(socket: Socket | Server, spec: OptionSpec, value: number): number {
  if (spec.isSet && value !== 0) return 0;
  if (spec !== OPTIONS["TCP_NODELAY"] || !("setNoDelay" in socket)) return -errnoOf("ENOSYS");
  socket.setNoDelay(false);
  return 0;
}

/** Node has the descriptor of a socket, but no public name for it; -1 when it has none (any more). */
function descriptorOf(socket: Socket | Server): number {
  return (socket as unknown as { _handle: { fd: number } | null })._handle?.fd ?? -1;
}
