/**
 * The last net below secrets: whoever logs leaves them out; what slips through all the same is made unreadable here.
 * @module
 */
import type { LogFields } from "./logger.js";

const SECRET_KEY = /passw|secret|token|pswd|authorization/i;
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*):[^\s/@]*@/gi;
const QUERY_SECRET = /([?&](?:pswd|password|passwd|token|secret|key|access_token)=)[^&\s]*/gi;

/** What stands in the place of a secret. */
export const REDACTED = "***";

/** Text without the passwords of the addresses in it. */
export function redactText(text: string): string {
  if (!text.includes("://") && !text.includes("=")) return text;
  return text.replace(URL_PASSWORD, `$1:${REDACTED}@`).replace(QUERY_SECRET, `$1${REDACTED}`);
}

/** Fields without secrets: those named like one, and passwords in addresses. `undefined` ones are left out. */
export function redactFields(fields: LogFields): Record<string, string | number | boolean | null> {
  const clean: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (typeof value !== "string") clean[key] = value;
    else clean[key] = SECRET_KEY.test(key) ? REDACTED : redactText(value);
  }
  return clean;
}
