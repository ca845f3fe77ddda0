/**
 * What the bytes of the rsync protocol mean. Pure: no files, sockets, timers or process.
 *
 * This entry holds the errors; the concepts have entries of their own: `/wire`, `/handshake`, `/arguments`,
 * `/checksum`, `/delta`, `/file-list`, `/filter`.
 * @module
 */
export {
  ExitCode,
  FileIoError,
  FileSelectionError,
  ProtocolError,
  RsyncError,
  StartError,
  StreamError,
  UnsupportedError,
  UsageError,
} from "./errors.js";
