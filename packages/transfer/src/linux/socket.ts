/**
 * setsockopt(2) and getsockopt(2), of which Node knows only a few options; send(2), recv(2) and poll(2), which it only has as
 * events.
 *
 *     struct pollfd        i32 descriptor, i16 asked for, i16 found
 *     struct sockaddr_in   u16 family, u16 port, 4 bytes of address, 8 of nothing
 *
 * @module
 */
import { closeSync } from "node:fs";
import { constants } from "node:os";
import { bindRequired, type Library } from "./library.js";

/** Calls on a socket's descriptor. Options have an `int` for value; no call but one waits. */
export interface SocketCalls {
  /** Returns 0 or a negated errno. */
  setSocketOption(descriptor: number, level: number, option: number, value: number): number;
  /** Returns the value, which is never negative for the options in use here, or a negated errno. */
  socketOption(descriptor: number, level: number, option: number): number;
  /**
   * Begins a TCP connection to an IPv4 address that waits for nothing, with keepalive and no delay. Returns its descriptor, or a
   * negated errno.
   */
  connectIPv4(address: string, port: number): number;
  /** Returns how many bytes the kernel took at once, or a negated errno. */
  send(descriptor: number, bytes: Uint8Array): number;
  /** Returns how many bytes of those that are there came into `buffer`, 0 at the end of all, or a negated errno. */
  receive(descriptor: number, buffer: Uint8Array): number;
  /** The same, and leaves them there. */
  peek(descriptor: number, buffer: Uint8Array): number;
  /** Sleeps until there is something to receive, or an end or error to hear of, for at most `timeoutMs`. False: there is not. */
  awaitReadable(descriptor: number, timeoutMs: number): boolean;
  /** The same for room to send, which a connection has once it is made, or has failed. */
  awaitWritable(descriptor: number, timeoutMs: number): boolean;
}

const MSG_PEEK = 0x2;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

const POLLIN = 1;
const POLLOUT = 4;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const [SOL_SOCKET, SO_KEEPALIVE] = [1, 9];
const [IPPROTO_TCP, TCP_NODELAY] = [6, 1];

/** Binds the calls of this file. */
export function bindSocket(library: Library): SocketCalls {
  const set = bindRequired(library, "int", "setsockopt", ["int", "int", "int", "void *", "uint"]);
  const get = bindRequired(library, "int", "getsockopt", ["int", "int", "int", "void *", "void *"]);
  const transferTypes = ["int", "void *", "size_t", "int"] as const;
  const send = bindRequired(library, "long", "send", transferTypes);
  const receive = bindRequired(library, "long", "recv", transferTypes);
  const poll = bindRequired(library, "int", "poll", ["void *", "uint64_t", "int"]);
  const create = bindRequired(library, "int", "socket", ["int", "int", "int"]);
  const connect = bindRequired(library, "int", "connect", ["int", "void *", "uint"]);
  const polled = new DataView(new ArrayBuffer(8));
  const entry = new Uint8Array(polled.buffer);
  const wait = (descriptor: number, events: number, timeoutMs: number): boolean => {
    polled.setInt32(0, descriptor, true);
    polled.setInt32(4, events, true);
    return poll(entry, 1, timeoutMs) > 0;
  };
  const on = bytesOf(1);
  return {
    connectIPv4(address, port) {
      const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
      const descriptor = library.outcome(create(AF_INET, type, 0));
      if (descriptor < 0) return descriptor;
      set(descriptor, IPPROTO_TCP, TCP_NODELAY, on, 4);
      set(descriptor, SOL_SOCKET, SO_KEEPALIVE, on, 4);
      const place = socketAddress(address, port);
      const outcome = library.outcome(connect(descriptor, place, place.length));
      if (outcome === 0 || outcome === -constants.errno.EINPROGRESS) return descriptor;
      closeSync(descriptor);
      return outcome;
    },
    send: (descriptor, bytes) =>
      library.outcome(send(descriptor, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL)),
    receive: (descriptor, buffer) =>
      library.outcome(receive(descriptor, buffer, buffer.length, MSG_DONTWAIT)),
    peek: (descriptor, buffer) =>
      library.outcome(receive(descriptor, buffer, buffer.length, MSG_DONTWAIT | MSG_PEEK)),
    awaitReadable: (descriptor, timeoutMs) => wait(descriptor, POLLIN, timeoutMs),
    awaitWritable: (descriptor, timeoutMs) => wait(descriptor, POLLOUT, timeoutMs),
    setSocketOption: (descriptor, level, option, value) =>
      library.outcome(set(descriptor, level, option, bytesOf(value), 4)),
    socketOption(descriptor, level, option) {
      const value = bytesOf(0);
      const outcome = library.outcome(get(descriptor, level, option, value, bytesOf(4)));
      return outcome < 0 ? outcome : (new Int32Array(value.buffer)[0] ?? 0);
    },
  };
}

/** Family and, in network order, port and address. */
function socketAddress(address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set([AF_INET, 0, port >> 8, port & 0xff, ...address.split(".").map(Number)]);
  return bytes;
}

const bytesOf = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
