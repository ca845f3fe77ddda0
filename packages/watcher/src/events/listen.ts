/**
 * Listening to several events as one.
 * @module
 */
import type { MirrorEventSource, MirrorEvents } from "./mirror-events.js";

/** Listeners by event. */
export type MirrorListeners = {
  [Name in keyof MirrorEvents]?: (...event: MirrorEvents[Name]) => void;
};

/** Adds all of them; what is returned takes them away again. */
export function listenAll(source: MirrorEventSource, listeners: MirrorListeners): () => void {
  const names = Object.keys(listeners) as (keyof MirrorEvents)[];
  const each = <Name extends keyof MirrorEvents>(method: "on" | "off", name: Name): void => {
    const listener = listeners[name];
    if (listener !== undefined) source[method](name, listener);
  };
  for (const name of names) each("on", name);
  return () => {
    for (const name of names) each("off", name);
  };
}
