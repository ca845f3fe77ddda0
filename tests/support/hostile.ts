/**
 * Peers that no real program is: cut and garbled connections, and hand-made clients and daemons that speak just enough of the
 * protocol to do harm.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import {
  createWriter,
  MessageCode,
  storeFrameHeader,
  type Writer,
  writeByte,
  writeInt,
  writeNdx,
  writeShortint,
  writeVarlong,
  written,
} from "@tsrsync/protocol/wire";

/** Something that listens on a port of this machine until it is closed. */
export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** Serves each connection with `onConnection`; connections end with the server. */
export async function listenWith(onConnection: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export type Direction = "to-client" | "to-daemon";

/** What a proxy does with the bytes of one direction. `offset` counts those that went before. */
export type Tamper = (chunk: Buffer, offset: number, sockets: [Socket, Socket]) => Buffer;

/** A proxy to a port of this machine that changes what goes in one direction. */
export function proxyTo(target: number, direction: Direction, tamper: Tamper): Promise<Listening> {
  return listenWith((client) => {
    const daemon = connect(target, "127.0.0.1");
    daemon.on("error", () => client.destroy());
    client.on("close", () => daemon.destroy());
    daemon.on("close", () => client.end());
    const forward = (from: Socket, to: Socket, isTampered: boolean): void => {
      let offset = 0;
      from.on("data", (chunk: Buffer) => {
        const bytes = isTampered ? tamper(chunk, offset, [client, daemon]) : chunk;
        offset += chunk.length;
        if (bytes.length > 0 && !to.destroyed) to.write(bytes);
      });
      from.on("end", () => to.end());
    };
    forward(client, daemon, direction === "to-daemon");
    forward(daemon, client, direction === "to-client");
  });
}

/** Cuts both connections after so many bytes. */
export const cutAfter =
  (count: number): Tamper =>
  (chunk, offset, sockets) => {
    if (offset + chunk.length < count) return chunk;
    if (offset >= count) return Buffer.alloc(0);
    const rest = chunk.subarray(0, Math.max(0, count - offset));
    setImmediate(() => {
      for (const socket of sockets) socket.destroySoon();
    });
    return rest;
  };

/** Flips one bit of each of the bytes at these offsets. */
export const flipAt =
  (...offsets: readonly number[]): Tamper =>
  (chunk, offset) => {
    const bytes = Buffer.from(chunk);
    for (const at of offsets) {
      const i = at - offset;
      if (i >= 0 && i < bytes.length) bytes[i] = bytes[i]! ^ 0x20;
    }
    return bytes;
  };

/** A conversation that is read piece by piece. */
export class Talk {
  readonly socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    for (const event of ["end", "close"] as const) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  async #until<T>(look: (bytes: Buffer) => T | null): Promise<T | null> {
    for (;;) {
      const found = look(this.#bytes);
      if (found !== null || this.#ended) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Everything up to and including `mark`, as latin1; `null` when the peer ended first. */
  async readThrough(mark: string): Promise<string | null> {
    return this.#until((bytes) => {
      const end = bytes.indexOf(mark, 0, "latin1");
      if (end < 0) return null;
      this.#bytes = bytes.subarray(end + mark.length);
      return bytes.toString("latin1", 0, end + mark.length);
    });
  }

  /** All that the peer says until it closes. */
  async readToEnd(): Promise<string> {
    await this.#until(() => null);
    return this.#bytes.toString("latin1");
  }

  /** Waits until the peer has closed. */
  async closed(): Promise<void> {
    await this.#until(() => null);
  }

  write(data: string | Uint8Array): void {
    if (!this.socket.destroyed) {
      this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
    }
  }
}

/** Connects to a daemon as a client that has said nothing yet. */
export async function call(port: number): Promise<Talk> {
  const socket = connect(port, "127.0.0.1");
  const talk = new Talk(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return talk;
}

/** A greeting of protocol 30: the newest one without negotiation, which keeps hand-made sessions short. */
const GREETING = "@RSYNCD: 30.0\n";
const SEED = 4711;

/** Gets a session going with a daemon, up to the first frame. Returns once the seed was read. */
export async function openSession(
  port: number,
  module: string,
  words: readonly string[],
): Promise<Talk> {
  const talk = await call(port);
  talk.write(`${GREETING}${module}\n`);
  if ((await talk.readThrough("@RSYNCD: OK\n")) === null) throw new Error("no @RSYNCD: OK");
  talk.write(`${words.join("\0")}\0\0`);
  return talk;
}

/** A daemon that lets every client in, reads its arguments and then says `session`. */
export function fakeDaemon(session: (talk: Talk) => Promise<void> | void): Promise<Listening> {
  return listenWith((socket) => {
    void (async () => {
      const talk = new Talk(socket);
      talk.write(GREETING);
      await talk.readThrough("\n");
      await talk.readThrough("\n");
      talk.write("@RSYNCD: OK\n");
      await talk.readThrough("\0\0");
      const setUp = createWriter();
      writeByte(setUp, 0); // no compatibility flags
      writeInt(setUp, SEED);
      talk.write(written(setUp));
      await session(talk);
    })();
  });
}

/** What `write` writes, in one frame. */
export function frame(
  write: (writer: Writer) => void,
  code: MessageCode = MessageCode.Data,
): Uint8Array {
  const payload = createWriter();
  write(payload);
  const bytes = written(payload);
  const framed = new Uint8Array(bytes.length + 4);
  storeFrameHeader(framed, 0, code, bytes.length);
  framed.set(bytes, 4);
  return framed;
}

const TOP_DIRECTORY = 0x01;
const LONG_NAME = 0x40;

/** A file-list entry of protocol 30, as `-r` alone wants it. `nameLength` may lie. */
export function writeEntry(
  writer: Writer,
  entry: { name: string; mode: number; size?: number; nameLength?: number },
): void {
  const { name, mode, size = 0, nameLength = name.length } = entry;
  writeByte(writer, TOP_DIRECTORY | (nameLength > 255 ? LONG_NAME : 0));
  if (nameLength > 255) writeLongLength(writer, nameLength);
  else writeByte(writer, nameLength);
  for (const byte of Buffer.from(name, "latin1")) writeByte(writer, byte);
  writeVarlong(writer, size, 3);
  writeVarlong(writer, 1_500_000_000, 4);
  writeInt(writer, mode);
}

/** A varint of two or three bytes. */
function writeLongLength(writer: Writer, length: number): void {
  if (length < 0x4000) {
    writeByte(writer, 0x80 | (length >> 8));
    writeByte(writer, length & 0xff);
    return;
  }
  writeByte(writer, 0xc0 | (length >> 16));
  writeByte(writer, length & 0xff);
  writeByte(writer, (length >> 8) & 0xff);
}

const TRANSFER = 0x8000;

/** Index, item flags and sum head: a request for an entry, or the answer to one. */
export function writeRequest(
  writer: Writer,
  ndx: number,
  head: { count: number; blockLength: number; s2length: number; remainder: number },
  flags: number = TRANSFER,
): void {
  writeNdx(writer, { lastPositive: -1, lastNegative: 1 }, 30, ndx);
  writeShortint(writer, flags);
  for (const value of [head.count, head.blockLength, head.s2length, head.remainder]) {
    writeInt(writer, value);
  }
}
