/**
 * Content networks whose request is written in the configuration.
 * @module
 */
import { encodeByteString } from "@tsrsync/protocol/wire";
import type { CdnHook } from "../config/settings.js";
import { findStale, type Stale } from "./cdn-address.js";
import type { HookRun } from "./hook-batch.js";
import type { HookContext } from "./hook-context.js";
import { sendRequest, type WebRequest } from "./http-request.js";

type Values = Readonly<Record<string, string>>;
type Encode = (text: string) => string;

const fill = (template: string, values: Values, encode: Encode): string =>
  template.replace(/\{(\w+)\}/g, (found, name: string) =>
    Object.hasOwn(values, name) ? encode(values[name] ?? "") : found,
  );

const inAddress: Encode = (text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
const inHeader: Encode = (text) => text.replace(/[^\x20-\x7e]/g, "?");
const inJson: Encode = (text) => JSON.stringify(text).slice(1, -1);
const plain: Encode = (text) => text;

/** How values are written into the body: as the header says that it is. */
function bodyEncoding(headers: Readonly<Record<string, string>>): Encode {
  const [, type = ""] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type") ?? [];
  if (/json/i.test(type)) return inJson;
  return /urlencoded/i.test(type) ? inAddress : plain;
}

/** `{urlList}` is a whole JSON list and is put in as it is. */
function fillBody(
  template: string,
  values: Values,
  encode: Encode,
  urls: readonly string[],
): string {
  return template
    .split("{urlList}")
    .map((part) => fill(part, values, encode))
    .join(JSON.stringify(urls));
}

type Template = NonNullable<CdnHook["request"]>;

function fillRequest(
  template: Template,
  values: Values,
  urls: readonly string[],
): Omit<WebRequest, "signal"> {
  const headers = Object.fromEntries(
    Object.entries(template.headers).map(([name, text]) => [name, fill(text, values, inHeader)]),
  );
  const encodeBody = bodyEncoding(template.headers);
  return {
    method: template.method,
    url: fill(template.url, values, inAddress),
    headers,
    body: template.body === null ? null : fillBody(template.body, values, encodeBody, urls),
  };
}

function valuesOf(settings: CdnHook, password: string, part: readonly Stale[]): Values {
  const [first] = part;
  return {
    url: first?.url ?? "",
    urls: part.map(({ url }) => url).join("\n"),
    path: Buffer.from(encodeByteString(first?.absolute ?? "")).toString(),
    user: settings.user,
    password,
    base: settings.base,
    count: String(part.length),
  };
}

/** Whether the request is for one path: it names `{url}` or `{path}`. */
export function isPerPath({ url, body, headers }: Template): boolean {
  const texts = [url, body ?? "", ...Object.values(headers)];
  return texts.some((text) => /\{(?:url|path)\}/.test(text));
}

/** Fills in the configured request: once per path when it names `{url}` or `{path}`, else once per batch. */
export function createCdnTemplateHook(settings: CdnHook, context: HookContext): HookRun {
  const template = settings.request;
  if (template === null) throw new TypeError("request: a cdn hook without template needs one");
  const isEach = isPerPath(template);

  return async (batch, signal) => {
    const stale = await findStale(settings, batch);
    if (stale.length === 0) return;
    const { password } = settings;
    const secret = password === null ? "" : await context.readPassword(password);
    for (const part of isEach ? stale.map((one) => [one]) : [stale]) {
      const urls = part.map(({ url }) => url);
      const request = fillRequest(template, valuesOf(settings, secret, part), urls);
      await sendRequest({ ...request, signal });
    }
  };
}
