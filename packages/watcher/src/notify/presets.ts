/**
 * Chat services that take messages over http, each in its own form.
 * @module
 */
import { createHmac } from "node:crypto";
import type { NotifyPreset } from "../config/settings.js";

/** What is posted. */
export interface PresetRequest {
  url: string;
  body: unknown;
}

/** WeCom takes 2048 bytes, Telegram 4096 characters; the others more. */
const MAX_BYTES = 2000;

/** The start of the text, cut between characters. */
export function cutText(text: string, maxBytes: number = MAX_BYTES): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString("utf8")}…`;
}

/** Takes a parameter out of the address. */
function takeParameter(address: string, name: string): { url: string; value: string | null } {
  const url = new URL(address);
  const value = url.searchParams.get(name);
  url.searchParams.delete(name);
  return { url: value === null ? address : url.toString(), value };
}

/** A robot of DingTalk whose address was given `&secret=…` wants its messages signed. */
function dingtalk(address: string, content: string, now: number): PresetRequest {
  const { url, value: secret } = takeParameter(address, "secret");
  const body = { msgtype: "text", text: { content } };
  if (secret === null) return { url, body };
  const sign = createHmac("sha256", secret).update(`${now}\n${secret}`).digest("base64");
  const signed = new URL(url);
  signed.searchParams.set("timestamp", String(now));
  signed.searchParams.set("sign", sign);
  return { url: signed.toString(), body };
}

/** The same for Feishu, where the signature is in the body. */
function feishu(address: string, text: string, now: number): PresetRequest {
  const { url, value: secret } = takeParameter(address, "secret");
  const body = { msg_type: "text", content: { text } };
  if (secret === null) return { url, body };
  const timestamp = String(Math.floor(now / 1000));
  const sign = createHmac("sha256", `${timestamp}\n${secret}`).digest("base64");
  return { url, body: { timestamp, sign, ...body } };
}

/** The address is that of `sendMessage`, with `?chat_id=…`. */
function telegram(address: string, text: string): PresetRequest {
  const { url, value } = takeParameter(address, "chat_id");
  return { url, body: { ...(value === null ? {} : { chat_id: value }), text } };
}

/** The request for a text. `now` is in milliseconds since 1970. */
export function presetRequest(
  preset: NotifyPreset,
  url: string,
  text: string,
  now: number,
): PresetRequest {
  const short = cutText(text);
  switch (preset) {
    case "slack":
      return { url, body: { text: short } };
    case "dingtalk":
      return dingtalk(url, short, now);
    case "wecom":
      return { url, body: { msgtype: "text", text: { content: short } } };
    case "feishu":
      return feishu(url, short, now);
    case "telegram":
      return telegram(url, short);
  }
}

/**
 * Looks into an answer: some services say 200 and that it failed.
 * @throws Error when it did
 */
export function checkPresetAnswer(body: string): void {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return; // Slack answers "ok"
  }
  if (typeof answer !== "object" || answer === null) return;
  const { errcode = 0, code = 0, ok = true } = answer as Record<string, unknown>;
  if (errcode !== 0 || code !== 0 || ok !== true) throw new Error(`refused: ${body.slice(0, 200)}`);
}
