/**
 * An rsync daemon: a drop-in for rsyncd, and `createServer` for applications.
 * @module
 */
export {
  createServer,
  type RsyncServer,
  type ServerModule,
  type ServerOptions,
} from "./create-server.js";
export { type DaemonWorld, runDaemon } from "./run-daemon.js";
export { runDaemonOnStream } from "./run-daemon-on-stream.js";
