/**
 * The signals that a service follows.
 * @module
 */

/** What signals ask for. */
export interface SignalActions {
  /** SIGHUP: read the configuration again. */
  reload: () => Promise<void>;
  /** SIGHUP and SIGUSR1: the log file was renamed. */
  reopen: () => void;
  /** SIGUSR1: show how things stand. */
  status: () => void;
}

/** Signals that are followed. */
export interface FollowedSignals {
  /** Resolves with the name of the signal that ends the service. */
  ended: Promise<string>;
  stop(): void;
}

const ENDING = ["SIGTERM", "SIGINT"] as const;

/** Follows signals. A second ending signal ends the process at once, as without us. */
export function followSignals({ reload, reopen, status }: SignalActions): FollowedSignals {
  let end: (name: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  const onEnd = (name: NodeJS.Signals) => end(name);
  const onHangUp = () => {
    reopen();
    void reload();
  };
  const onUser = () => {
    reopen();
    status();
  };
  for (const name of ENDING) process.once(name, onEnd);
  process.on("SIGHUP", onHangUp);
  process.on("SIGUSR1", onUser);
  return {
    ended,
    stop() {
      for (const name of ENDING) process.off(name, onEnd);
      process.off("SIGHUP", onHangUp);
      process.off("SIGUSR1", onUser);
    },
  };
}
