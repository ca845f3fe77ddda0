/**
 * References to the environment in values: `%NAME%`. Spec: docs/protocol/5-daemon.md, 5.3.5.
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ModuleConfig } from "./daemon-config.js";
import { fieldName, PARAMETERS } from "./parameters.js";

/** The values of variables, as bytes. */
export type Variables = Readonly<Record<string, ByteString | undefined>>;

/** Variables that exist only from a certain step of a connection on; `expandModule` inserts them. */
export const CONNECTION_VARIABLES: readonly string[] = [
  "RSYNC_MODULE_NAME",
  "RSYNC_MODULE_PATH",
  "RSYNC_HOST_ADDR",
  "RSYNC_HOST_NAME",
  "RSYNC_USER_NAME",
];

const HOOKS: readonly string[] = [
  "early exec",
  "pre-xfer exec",
  "post-xfer exec",
  "name converter",
];
const MAX_GROWTH = 2048;

/**
 * Inserts variables once. What is unset or malformed stays as typed, `%%` too; a sign that closes such a reference may
 * open the next one.
 * @throws RsyncError (exit 22) when the text grows by more than 2048 bytes.
 */
export function expandVariables(text: ByteString, variables: Variables): ByteString {
  const parts: ByteString[] = [];
  let growth = 0;
  let copied = 0;
  let start = text.indexOf("%");
  while (start >= 0) {
    const end = text.indexOf("%", start + 1);
    if (end < 0) break;
    const value = lookUp(text.slice(start + 1, end), variables);
    if (value === undefined) {
      start = end;
      continue;
    }
    parts.push(text.slice(copied, start), value);
    growth += value.length - (end + 1 - start);
    if (growth > MAX_GROWTH) {
      throw new RsyncError(ExitCode.OutOfMemory, "a configuration value expands to too many bytes");
    }
    copied = end + 1;
    start = text.indexOf("%", copied);
  }
  return copied === 0 ? text : parts.join("") + text.slice(copied);
}

function lookUp(name: string, variables: Variables): ByteString | undefined {
  return /^[A-Z]/.test(name) && Object.hasOwn(variables, name) ? variables[name] : undefined;
}

/**
 * The fields of modules in which references are expanded. Hook commands are not among them: they have rules of their own
 * for what a client can influence (5.9.4).
 */
export const EXPANDED_FIELDS: readonly string[] = PARAMETERS.filter(
  ({ scope, type, name }) =>
    scope === "module" && (type === "string" || type === "path") && !HOOKS.includes(name),
).map(({ name }) => fieldName(name));

/**
 * A copy of `module` with the variables of a connection inserted, to be made at the step where they begin to exist
 * (5.5): each string that does not yet know them is expanded; hook commands are left alone.
 * @throws RsyncError (exit 22) when a value grows too long.
 */
export function expandModule(module: ModuleConfig, variables: Variables): ModuleConfig {
  const expanded = Object.entries(module).map(([field, value]) =>
    typeof value === "string" && EXPANDED_FIELDS.includes(field)
      ? [field, expandVariables(value, variables)]
      : [field, value],
  );
  return Object.fromEntries(expanded) as ModuleConfig; // the same fields with values of the same types
}
