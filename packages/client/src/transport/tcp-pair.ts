/**
 * Two ends of a TCP connection to ourselves. A program that is given one sees a peer with an address of this machine.
 * @module
 */
import { connect, createServer, type Socket } from "node:net";
import { ExitCode, RsyncError } from "@tsrsync/protocol";

/** Makes a connection; both ends are paused. @throws RsyncError 10. */
export function tcpPair(): Promise<[Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true, noDelay: true });
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      server.close();
      reject(new RsyncError(ExitCode.SocketIo, `socketpair: ${cause.message}`, { cause }));
    };
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      const port = bound !== null && typeof bound === "object" ? bound.port : 0;
      const near = connect({ port, host: "127.0.0.1", noDelay: true });
      near.once("error", fail);
      // Anybody on this machine could be faster than we are.
      const arrived: Socket[] = [];
      const match = () => {
        const far = arrived.find(({ remotePort }) => remotePort === near.localPort);
        if (far === undefined || near.connecting) return;
        near.off("error", fail);
        server.close();
        for (const stranger of arrived) if (stranger !== far) stranger.destroy();
        resolve([near, far]);
      };
      near.once("connect", match);
      server.on("connection", (far) => {
        arrived.push(far);
        match();
      });
    });
  });
}
