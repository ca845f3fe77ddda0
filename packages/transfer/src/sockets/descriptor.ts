/**
 * The number that a socket has in the kernel.
 * @module
 */
import type { Server, Socket } from "node:net";

/** Node has the descriptor of a socket, but no public name for it; -1 when it has none (any more). */
export function descriptorOf(socket: Socket | Server): number {
  return (socket as unknown as { _handle: { fd: number } | null })._handle?.fd ?? -1;
}
