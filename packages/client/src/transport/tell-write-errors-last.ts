/**
 * What a peer said last, although it reads no more.
 * @module
 */
import type { Socket } from "node:net";

/** A peer that has closed its side has said everything long before. */
const PATIENCE_MS = 1000;

/**
 * Holds back a failed write until what the peer has still sent is read to its end. A socket of Node is destroyed by the
 * failure, and with it all that waits in the kernel: the very words that say why the peer reads no more.
 */
export function tellWriteErrorsLast(socket: Socket): void {
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) =>
    write(chunk, encoding, (error) => tellLast(socket, error, done));
  const writev = socket._writev?.bind(socket);
  if (writev === undefined) return;
  socket._writev = (chunks, done) => writev(chunks, (error) => tellLast(socket, error, done));
}

function tellLast(
  socket: Socket,
  error: Error | null | undefined,
  done: (error?: Error | null) => void,
): void {
  if (!error || socket.destroyed || socket.readableEnded) {
    done(error);
    return;
  }
  const tell = () => {
    clearTimeout(timer);
    socket.off("end", tell);
    socket.off("close", tell);
    done(error);
  };
  const timer = setTimeout(tell, PATIENCE_MS);
  socket.once("end", tell);
  socket.once("close", tell);
}
