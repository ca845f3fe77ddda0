/**
 * The errors that end a run. Each carries rsync's exit code (spec 1-session, 7.7).
 *
 * A bug in the caller is a `TypeError` or `RangeError` instead; a file that could not be handled is a problem that is
 * reported while the run goes on.
 * @module
 */

/** rsync's exit codes, by meaning. */
export const ExitCode = {
  Ok: 0,
  Usage: 1,
  Protocol: 2,
  FileSelection: 3,
  Unsupported: 4,
  StartClient: 5,
  SocketIo: 10,
  FileIo: 11,
  Stream: 12,
  Message: 13,
  Ipc: 14,
  Signal: 20,
  OutOfMemory: 22,
  Partial: 23,
  Vanished: 24,
  DeleteLimit: 25,
  Timeout: 30,
  ConnectTimeout: 35,
} as const;

export type ExitCode = number;

/** Any failure that ends a run: a message for people and the exit code that scripts read. */
export class RsyncError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.exitCode = exitCode;
  }

  /** Turns whatever was thrown into an `RsyncError`; what is not one already becomes `exitCode` with the cause kept. */
  static from(thrown: unknown, exitCode: ExitCode = ExitCode.Stream): RsyncError {
    if (thrown instanceof RsyncError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new RsyncError(exitCode, message, { cause: thrown });
  }
}

/** Wrong options or arguments (exit 1). */
export class UsageError extends RsyncError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(ExitCode.Usage, message, options);
  }
}

/** A value from the peer that breaks a rule of the protocol (exit 2). */
export class ProtocolError extends RsyncError {
  constructor(message: string, options?: { cause?: unknown; exitCode?: ExitCode }) {
    super(options?.exitCode ?? ExitCode.Protocol, message, options);
  }
}

/** A byte stream that can not be decoded at all, or that ended too early (exit 12). Still the peer's fault. */
export class StreamError extends ProtocolError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, { ...options, exitCode: ExitCode.Stream });
  }
}

/** Source or destination can not be used (exit 3). */
export class FileSelectionError extends RsyncError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(ExitCode.FileSelection, message, options);
  }
}

/** What is asked for is not supported by this side (exit 4). */
export class UnsupportedError extends RsyncError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(ExitCode.Unsupported, message, options);
  }
}

/** The conversation with a daemon did not get going: greeting, module, authentication (exit 5). */
export class StartError extends RsyncError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(ExitCode.StartClient, message, options);
  }
}

/** Reading or writing local files failed in a way that ends the run (exit 11). */
export class FileIoError extends RsyncError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(ExitCode.FileIo, message, options);
  }
}
