/**
 * The server's command line for a client with these settings: the same object of settings makes the same words again.
 * @module
 */
import {
  type ResolvedSettings,
  type ServerArguments,
  type ServerSession,
  serverArguments,
} from "@tsrsync/protocol/arguments";

/** The words made last, and for what. */
const known = new WeakMap<ResolvedSettings, { key: string; words: ServerArguments }>();

/** As `serverArguments`; settings must not change between two calls. */
export function serverWords(settings: ResolvedSettings, session: ServerSession): ServerArguments {
  const { direction, transport, protocol, paths } = session;
  const key = [direction, transport, protocol, ...paths].join("\0");
  const last = known.get(settings);
  if (last?.key === key) return last.words;
  const words = serverArguments(settings, session);
  known.set(settings, { key, words });
  return words;
}
