/**
 * The words of the control socket: one JSON document per line.
 *
 *     {"id":1,"request":"flush","arguments":{"root":"www","timeoutMs":5000}}
 *     {"id":1,"result":{"reached":true,"targets":[...]}}
 *     {"id":2,"error":{"code":"unknown","message":"no root named x"}}
 *
 * Answers come when they are ready, in any order.
 * @module
 */
import { join } from "node:path";
import {
  ControlError,
  type ControlErrorCode,
  type FlushRequest,
  type MirrorControl,
  type Scope,
  type VerifyRequest,
} from "./types.js";

/** The longest request, and the longest answer that a client takes. */
export const MAX_REQUEST_BYTES: number = 64 * 1024;
export const MAX_ANSWER_BYTES: number = 64 * 1024 * 1024;

/** Where the socket of a state directory is. */
export const socketPath = (stateDir: string): string => join(stateDir, "control.sock");

export type RequestName = keyof MirrorControl;

export interface ControlRequest {
  id: number;
  request: RequestName;
  arguments: unknown;
}

export type ControlAnswer =
  | { id: number; result: unknown }
  | { id: number; error: { code: ControlErrorCode; message: string } };

const bad = (message: string): never => {
  throw new ControlError("bad-request", message);
};

type JsonObject = Readonly<Record<string, unknown>>;

function toObject(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return bad(`${what}: expected an object`);
  }
  return value as JsonObject;
}

/** The named member when it is there; anything of another kind is refused. */
function member(from: JsonObject, name: string, kind: "string"): string | undefined;
function member(from: JsonObject, name: string, kind: "number"): number | undefined;
function member(from: JsonObject, name: string, kind: "boolean"): boolean | undefined;
function member(from: JsonObject, name: string, kind: string): unknown {
  const value = from[name];
  if (value === undefined || typeof value === kind) return value;
  return bad(`${name}: expected a ${kind}`);
}

function readScope(value: unknown): Scope {
  const from = toObject(value ?? {}, "arguments");
  const root = member(from, "root", "string");
  const target = member(from, "target", "string");
  return { ...(root === undefined ? {} : { root }), ...(target === undefined ? {} : { target }) };
}

function readFlush(value: unknown): FlushRequest {
  const timeoutMs = member(toObject(value ?? {}, "arguments"), "timeoutMs", "number");
  if (timeoutMs === undefined) return readScope(value);
  if (!(timeoutMs >= 0 && timeoutMs < 2 ** 31)) return bad("timeoutMs: expected 0 to 2^31 - 1");
  return { ...readScope(value), timeoutMs };
}

function readVerify(value: unknown): VerifyRequest {
  const repair = member(toObject(value ?? {}, "arguments"), "repair", "boolean");
  return repair === undefined ? readScope(value) : { ...readScope(value), repair };
}

/** Each request: how its arguments are read, and what answers it. */
const REQUESTS: Readonly<Record<RequestName, (mirror: MirrorControl, value: unknown) => unknown>> =
  {
    status: (mirror) => mirror.status(),
    flush: (mirror, value) => mirror.flush(readFlush(value)),
    verify: (mirror, value) => mirror.verify(readVerify(value)),
    retry: (mirror, value) => mirror.retry(readScope(value)),
    resume: (mirror, value) => mirror.resume(readScope(value).root ?? bad("root: is needed")),
    release: (mirror, value) => mirror.release(readScope(value)),
    fullSync: (mirror, value) => mirror.fullSync(readScope(value)),
    reload: (mirror) => mirror.reload(),
  };

/** @throws ControlError for what is no request */
export function parseRequest(line: string): ControlRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad("not JSON");
  }
  const from = toObject(value, "request");
  const id = member(from, "id", "number") ?? bad("id: is needed");
  const request = member(from, "request", "string") ?? bad("request: is needed");
  if (!Object.hasOwn(REQUESTS, request)) return bad(`no request named ${request.slice(0, 40)}`);
  return { id, request: request as RequestName, arguments: from["arguments"] };
}

/** Asks the mirror. Rejects with a ControlError or whatever the mirror throws. */
export async function answer(mirror: MirrorControl, request: ControlRequest): Promise<unknown> {
  return await REQUESTS[request.request](mirror, request.arguments);
}

/** What a client is told of an error. */
export function toAnswerError(error: unknown): { code: ControlErrorCode; message: string } {
  if (error instanceof ControlError) return { code: error.code, message: error.message };
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}
