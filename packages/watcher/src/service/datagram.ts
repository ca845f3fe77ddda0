/**
 * Sending to Unix datagram sockets, which Node can not.
 *
 *     struct sockaddr_un   u16 family, up to 108 bytes of path; a NUL in front for a name outside of the file system
 *
 * @module
 */
import { closeSync } from "node:fs";
import { byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";
import { bindRequired, loadLibrary } from "@tsrsync/transfer/linux";

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
const MAX_PATH = 108;

/** The bytes of `struct sockaddr_un` for a path, or for `@name`. @throws RangeError for what does not fit. */
export function unixAddress(path: string): Uint8Array {
  const name = encodeByteString(byteStringFromText(path));
  if (!/^[/@]/.test(path) || name.length >= MAX_PATH) {
    throw new RangeError(`expected /path or @name of less than ${MAX_PATH} bytes, got ${path}`);
  }
  const isAbstract = path.startsWith("@");
  // A path ends in NUL; the length tells where a name outside of the file system ends.
  const bytes = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(name, 2);
  if (isAbstract) bytes[2] = 0;
  return bytes;
}

/** Sends each message on its own; returns 0 or a negated errno. */
export type SendDatagram = (message: string) => number;

/**
 * Opens the way to a datagram socket.
 * @returns `null` where the C library is out of reach
 * @throws RangeError for an address that is none
 */
export function openDatagram(path: string): { send: SendDatagram; close: () => void } | null {
  const address = unixAddress(path);
  const library = loadLibrary();
  if (library === null) return null;
  const open = bindRequired(library, "int", "socket", ["int", "int", "int"]);
  const sendTo = bindRequired(library, "long", "sendto", [
    "int",
    "void *",
    "size_t",
    "int",
    "void *",
    "uint",
  ]);
  const socket = library.outcome(open(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
  if (socket < 0) return null;
  return {
    send(message) {
      const bytes = Buffer.from(message);
      const sent = sendTo(
        socket,
        bytes,
        bytes.length,
        MSG_DONTWAIT_NOSIGNAL,
        address,
        address.length,
      );
      return Math.min(0, library.outcome(sent));
    },
    close: () => closeSync(socket),
  };
}
