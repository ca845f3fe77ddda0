/**
 * Lines of JSON over a stream, of bounded length.
 * @module
 */
import type { Socket } from "node:net";

const LINE_END = 10;

/**
 * Hands each line of the stream to `take`.
 * @param maxBytes above which a line is refused, before more of it is kept
 * @param refuse is called once, with the stream read no further
 */
export function readLines(
  socket: Socket,
  maxBytes: number,
  take: (line: string) => void,
  refuse: (reason: string) => void,
): void {
  let parts: Buffer[] = [];
  let size = 0;

  function keep(part: Buffer): boolean {
    size += part.length;
    if (size <= maxBytes) {
      parts.push(part);
      return true;
    }
    socket.off("data", onData);
    socket.pause();
    parts = [];
    refuse(`line of more than ${maxBytes} bytes`);
    return false;
  }

  function onData(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      if (!keep(chunk.subarray(start, end))) return;
      const line = Buffer.concat(parts).toString("utf8");
      parts = [];
      size = 0;
      start = end + 1;
      take(line);
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }

  socket.on("data", onData);
}
