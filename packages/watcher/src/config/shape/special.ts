/**
 * Shapes of values with a language of their own: addresses, expressions, cron lines, rules.
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import { RuleParser } from "@tsrsync/protocol/filter";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { Cron } from "croner";
import { type MirrorOptions, parseMirrorOptions } from "../rsync-options.js";
import type { PasswordSource, Schedule } from "../settings.js";
import { parseTargetUrl, type TargetUrl } from "../target-url.js";
import { POSITIVE_DURATION, TEXT, textThat } from "./scalars.js";
import { mapped, named, type Shape, wrongType } from "./shape.js";

/** An address of a target. */
export const TARGET_URL: Shape<TargetUrl> = named(
  mapped(TEXT, (text, node, reader) => {
    const url = parseTargetUrl(text);
    if (typeof url !== "string") return url;
    reader.problems.add(node.place, url);
    return undefined;
  }),
  "`rsync://[user@]host[:port]/module[/directory]` or `ssh://[user@]host[:port]/path`",
  { type: "string", pattern: "^(rsync|ssh)://" },
);

/** A regular expression in JavaScript's syntax. */
export const REGEX: Shape<string> = textThat("regular expression", (text) => {
  try {
    new RegExp(text);
    return null;
  } catch (error) {
    return `not a regular expression: ${(error as Error).message}`;
  }
});

/** One of rsync's filter rules. */
export const FILTER_RULE: Shape<string> = textThat("filter rule of rsync", (text) => {
  try {
    const parser = new RuleParser({ readFile: () => new Uint8Array() });
    parser.addRule(byteStringFromText(text));
    return null;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `not a filter rule: ${error.message}`;
  }
});

/** When to run, in the form of cron, with seconds where there are six fields. */
export const CRON: Shape<string> = textThat(
  "cron expression, with 5 fields or (seconds first) 6",
  (text) => {
    try {
      new Cron(text, { paused: true }).stop();
      return null;
    } catch (error) {
      return `not a cron expression: ${(error as Error).message}`;
    }
  },
);

const CLOCK = "([01]?\\d|2[0-3]):[0-5]\\d";

/** Times of day from which to which; may pass midnight. `always` is no limit. */
export const WINDOW: Shape<string | null> = mapped(
  named(
    textThat("times of day like 22:00-06:00, or `always`", (text) =>
      text === "always" || new RegExp(`^${CLOCK}-(${CLOCK}|24:00)$`).test(text)
        ? null
        : `expected times of day like 22:00-06:00, or always, got ${JSON.stringify(text)}`,
    ),
    "times of day like `22:00-06:00`, or `always`",
  ),
  (text) => (text === "always" ? null : text),
  (value) => value ?? "always",
);

/** Paths per hour, written as `100/h`. */
export const PER_HOUR: Shape<number> = {
  label: "rate like `100/h` (also `/m`, `/d`)",
  schema: { type: ["string", "integer"], pattern: "^[0-9]+/[mhd]$", minimum: 0, maximum: 0 },
  read(node, reader) {
    const text = node.kind === "scalar" ? node.text : "";
    if (text === "0") return 0;
    const match = /^(\d{1,9})\/([mhd])$/.exec(text);
    if (match === null) return wrongType(node, "a rate like 100/h", reader);
    return Number(match[1]) * { m: 60, h: 1, d: 1 / 24 }[match[2] as "m" | "h" | "d"];
  },
  show: (value) => `${value}/h`,
};

/** A time of day in the form of cron, or an interval. */
export const SCHEDULE: Shape<Schedule> = {
  label: `${CRON.label}, or ${POSITIVE_DURATION.label}`,
  schema: { type: "string" },
  read(node, reader) {
    const isInterval = node.kind === "scalar" && /^\d+\s*[a-z]*$/.test(node.text);
    const every = isInterval ? POSITIVE_DURATION.read(node, reader) : undefined;
    if (isInterval) return every === undefined ? undefined : { every, cron: null };
    const cron = CRON.read(node, reader);
    return cron === undefined ? undefined : { every: null, cron };
  },
  show: ({ every, cron }) => cron ?? POSITIVE_DURATION.show(every ?? 0),
};

/** What else of rsync's options applies. */
export const RSYNC_OPTIONS: Shape<MirrorOptions> = mapped(
  TEXT,
  (text, node, reader) => {
    try {
      return parseMirrorOptions(text);
    } catch (error) {
      reader.problems.add(node.place, (error as Error).message);
      return undefined;
    }
  },
  ({ words }) => JSON.stringify(words.join(" ")),
);

/** `host:port`. A port alone means this machine only. */
export const LISTEN: Shape<{ host: string; port: number }> = {
  label: "`host:port`, or a port of this machine alone",
  schema: { type: ["string", "integer"] },
  read(node, reader) {
    const match = /^(?:(\[[^\]]+\]|[^:]*):)?(\d{1,5})$/.exec(
      node.kind === "scalar" ? node.text : "",
    );
    const port = Number(match?.[2] ?? -1);
    if (match === null || port > 0xffff)
      return wrongType(node, "an address like 127.0.0.1:8090", reader);
    const host = (match[1] ?? "127.0.0.1").replace(/^\[(.*)\]$/, "$1");
    return { host: host === "" ? "0.0.0.0" : host, port };
  },
  show: ({ host, port }) => `${host}:${port}`,
};

/** A web address. */
export const WEB_URL: Shape<string> = textThat("http:// or https:// address", (text) =>
  /^https?:\/\/[^/]/.test(text) && URL.canParse(text)
    ? null
    : `expected an http:// or https:// address, got ${JSON.stringify(text)}`,
);

/** A password: `!file path`, which is read at each login, `${NAME}`, or plain text. */
export const PASSWORD: Shape<PasswordSource> = {
  label: "`!file path`, `${NAME}` or text",
  schema: { type: "string" },
  read(node, reader) {
    if (node.kind === "file") {
      const content = reader.readFile(node, true);
      return content === null ? undefined : { kind: "file", path: node.path };
    }
    if (node.kind === "scalar" && node.variable !== undefined)
      return { kind: "env", name: node.variable };
    const text = TEXT.read(node, reader);
    return text === undefined ? undefined : { kind: "text", text };
  },
  show: ({ kind }) => kind,
};
