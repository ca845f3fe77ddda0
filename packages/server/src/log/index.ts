// STAND-IN by the lead until the real one lands: helper H4, overwrite this file; see run-daemon.ts and session/transfer-log.ts for the uses.
import { appendFileSync } from "node:fs";
export class DaemonLog {
  readonly #file: string;
  constructor(file: string) { this.#file = file; }
  write(text: string, o: { file?: string; pid?: number } = {}): void {
    const line = `${new Date().toISOString()} [${o.pid ?? process.pid}] ${text}\n`;
    const file = o.file || this.#file;
    if (file) appendFileSync(file, line, "latin1"); else process.stderr.write(line);
  }
}
export function formatLogLine(format: string, fields: Record<string, unknown>): string { return `${format} ${JSON.stringify(fields)}`; }
