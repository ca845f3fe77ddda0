/**
 * The ways to a person: an address, a mail server, a program.
 * @module
 */
import type { MailSettings, NotifySettings } from "../config/settings.js";
import { sendRequest } from "../hooks/http-request.js";
import { runProcess } from "../hooks/run-process.js";
import type { Message } from "./message.js";
import { checkPresetAnswer, presetRequest } from "./presets.js";

/** Delivers one message. Rejects when it did not arrive. */
export type Deliver = (message: Message, signal: AbortSignal) => Promise<void>;

/** A receiver. */
export interface Sink {
  /** For the log: without what is secret in the address. */
  name: string;
  deliver: Deliver;
}

type WebSettings = Extract<NotifySettings, { url: string }>;

function createWebSink({ url, preset }: WebSettings): Sink {
  const headers = { "content-type": "application/json" };
  return {
    name: `${preset ?? "webhook"} at ${new URL(url).hostname}`,
    async deliver({ text, json }, signal) {
      const request =
        preset === null ? { url, body: json } : presetRequest(preset, url, text, Date.now());
      const body = JSON.stringify(request.body);
      const answer = await sendRequest({ method: "POST", url: request.url, headers, body, signal });
      if (preset !== null) checkPresetAnswer(answer.body);
    },
  };
}

function createProgramSink(argv: readonly string[]): Sink {
  return {
    name: `program ${argv[0] ?? ""}`,
    async deliver({ title, text, json, bundle }, signal) {
      const [first] = bundle.alarms;
      const values: Record<string, string> = {
        event: bundle.event,
        title,
        text,
        state: first?.state ?? "raised",
        root: first?.root ?? "",
        target: first?.target ?? "",
        count: String(bundle.alarms.length + bundle.left),
      };
      const fill = (word: string): string =>
        word.replace(/\{(\w+)\}/g, (found, name: string) => values[name] ?? found);
      const stdin = Buffer.from(`${JSON.stringify(json)}\n`);
      await runProcess({ argv: argv.map(fill), environment: {}, stdin, signal });
    },
  };
}

/** A server as `smtp://user:password@host:port`, `smtps://…` or `host[:port]`. */
const toMailAddress = (server: string): string =>
  server.includes("://") ? server : `smtp://${server}`;

function createMailSink({ server, from, to }: MailSettings): Sink {
  const url = new URL(toMailAddress(server));
  return {
    name: `mail by ${url.hostname}`,
    async deliver({ title, text }, signal) {
      const { createTransport } = await import("nodemailer");
      const timeouts = {
        connectionTimeout: 20_000,
        greetingTimeout: 20_000,
        socketTimeout: 30_000,
      };
      const transport = createTransport({ url: url.toString(), ...timeouts });
      const end = (): void => transport.close();
      signal.addEventListener("abort", end, { once: true });
      try {
        await transport.sendMail({ from, to: [...to], subject: title.slice(0, 200), text });
      } finally {
        signal.removeEventListener("abort", end);
        transport.close();
      }
    },
  };
}

/** The receiver of an entry of `notify`. */
export function createSink(settings: NotifySettings): Sink {
  if ("url" in settings) return createWebSink(settings);
  if ("exec" in settings) return createProgramSink(settings.exec);
  return createMailSink(settings.mail);
}
