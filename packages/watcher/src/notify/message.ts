/**
 * A message in words and as JSON.
 * @module
 */

import type { Alarm } from "./alarm.js";
import type { Bundle } from "./outbox.js";

/** What is sent. */
export interface Message {
  /** One line. */
  title: string;
  /** The title and a line for each alarm; the title alone when it says it all. */
  text: string;
  /** For receivers that take any JSON. */
  json: Record<string, unknown>;
  bundle: Bundle;
}

const place = ({ root, target }: Alarm): string => [root, target].filter(Boolean).join("/");

const line = (alarm: Alarm): string => {
  const where = place(alarm);
  const end = alarm.state === "resolved" && alarm.event !== "targetUp" ? "over: " : "";
  return `${where === "" ? "" : `${where}: `}${end}${alarm.text}`;
};

/** Makes the message. `host` tells which machine it comes from. */
export function createMessage(bundle: Bundle, host: string): Message {
  const { event, alarms, left } = bundle;
  const [first] = alarms;
  const lines = alarms.map(line);
  if (left > 0) lines.push(`and ${left} more`);
  const isOne = lines.length === 1 && first !== undefined && !first.text.includes("\n");
  const title = `[${host}] ${event}: ${isOne ? (lines[0] ?? "") : `${alarms.length + left} messages`}`;
  return {
    title,
    text: isOne ? title : [title, ...lines].join("\n"),
    json: {
      event,
      host,
      text: isOne ? title : [title, ...lines].join("\n"),
      alarms: alarms.map(({ at, ...alarm }) => ({ ...alarm, at: at.toISOString() })),
      left,
    },
    bundle,
  };
}
