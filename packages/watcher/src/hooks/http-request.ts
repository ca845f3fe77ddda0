/**
 * One request over http or https, for hooks and alarms.
 * @module
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

const MAX_ANSWER = 64 * 1024;

export interface WebRequest {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | null;
  signal: AbortSignal;
}

/** The start of what the server answered. */
export interface WebAnswer {
  status: number;
  body: string;
}

/**
 * Sends a request and reads the answer.
 * @throws Error when there is no answer, or one whose status is not 200 to 299. The address is not in its text: it may hold secrets.
 */
export function sendRequest({
  method,
  url,
  headers,
  body,
  signal,
}: WebRequest): Promise<WebAnswer> {
  const send = url.startsWith("https:") ? requestHttps : requestHttp;
  const bytes = Buffer.from(body ?? "");
  const length = body === null || body === undefined ? {} : { "content-length": bytes.length };
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      { method, headers: { ...headers, ...length }, signal },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          // The rest of a longer answer is of no interest.
          if (text.length > MAX_ANSWER) response.destroy();
        });
        response.on("close", () => {
          const status = response.statusCode ?? 0;
          const answer = { status, body: text.slice(0, MAX_ANSWER) };
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new Error(`status ${status}: ${text.slice(0, 200)}`));
        });
      },
    );
    request.once("error", (error) => reject(signal.aborted ? (signal.reason as Error) : error));
    request.end(bytes);
  });
}
