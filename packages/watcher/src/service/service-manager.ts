/**
 * What systemd is told of a service of `Type=notify`: that it is ready, how it stands, and that its event loop turns
 * (sd_notify(3), spec 6, 8.4).
 * @module
 */
import { hrtime } from "node:process";
import type { Logger } from "../log/logger.js";
import { openDatagram, type SendDatagram } from "./datagram.js";

/** The way to the manager; where there is none all of it does nothing. */
export interface ServiceManager {
  /** Somebody is told; what is for nobody needs not be put together. */
  readonly isThere: boolean;
  /** All roots are watched or on the way there, or the configuration was read again. */
  ready(): void;
  /** One line for `systemctl status`. */
  status(line: string): void;
  reloading(): void;
  stopping(): void;
  close(): void;
}

const nothing = (): void => {};
const NOBODY: ServiceManager = {
  isThere: false,
  ready: nothing,
  status: nothing,
  reloading: nothing,
  stopping: nothing,
  close: nothing,
};

/** Milliseconds after which the manager takes the process for stuck, or `null` when it does not watch it. */
function watchdogMs(environment: NodeJS.ProcessEnv): number | null {
  const { WATCHDOG_USEC: interval, WATCHDOG_PID: pid } = environment;
  const isMine = pid === undefined || pid === String(process.pid);
  const ms = Number(interval) / 1000;
  return isMine && ms > 0 ? ms : null;
}

/** Pings from the event loop: one that is stuck sends none. */
function startPings(everyMs: number, send: SendDatagram): () => void {
  const timer = setInterval(() => send("WATCHDOG=1"), everyMs).unref();
  return () => clearInterval(timer);
}

/** Variables that are for this process alone: hooks must not speak in its name. */
function forget(environment: NodeJS.ProcessEnv): void {
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
}

function open(path: string, logger: Logger): ReturnType<typeof openDatagram> {
  const advice =
    "the service manager is not told of this process: use Type=exec without WatchdogSec";
  try {
    const datagram = openDatagram(path);
    if (datagram === null) logger.warn(advice, { reason: "koffi is not installed" });
    return datagram;
  } catch (error) {
    logger.warn(advice, { reason: String(error) });
    return null;
  }
}

/** Finds the manager that started this process, and takes its variables out of the environment. */
export function openServiceManager(environment: NodeJS.ProcessEnv, logger: Logger): ServiceManager {
  const path = environment["NOTIFY_SOCKET"];
  const watchdog = watchdogMs(environment);
  forget(environment);
  const datagram = path === undefined ? null : open(path, logger);
  if (datagram === null) return NOBODY;
  const { send } = datagram;
  const stopPings = watchdog === null ? nothing : startPings(watchdog / 2, send);
  return {
    isThere: true,
    ready: () => void send("READY=1"),
    status: (line) => void send(`STATUS=${line.replaceAll("\n", " ")}`),
    reloading: () => void send(`RELOADING=1\nMONOTONIC_USEC=${hrtime.bigint() / 1000n}`),
    stopping: () => void send("STOPPING=1"),
    close() {
      stopPings();
      datagram.close();
    },
  };
}
