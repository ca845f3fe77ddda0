/**
 * Two ends of a connection in one process, for tests: what one writes, the other reads.
 */
import { Duplex } from "node:stream";

/** One end; its peer gets what is written to it. */
class End extends Duplex {
  peer!: End;
  /** Changes what passes, to play a faulty line; returning null cuts the connection. */
  tamper: ((chunk: Buffer) => Buffer | null) | null = null;
  #resume: (() => void) | null = null;

  override _read(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const passed = this.tamper === null ? Buffer.from(chunk) : this.tamper(Buffer.from(chunk));
    if (passed === null) {
      this.peer.push(null);
      this.peer.destroy();
      this.destroy();
      done();
      return;
    }
    if (this.peer.push(passed)) done();
    else this.peer.#resume = done;
  }

  override _final(done: () => void): void {
    this.peer.push(null);
    done();
  }
}

export function duplexPair(): [End, End] {
  const [a, b] = [new End(), new End()];
  a.peer = b;
  b.peer = a;
  return [a, b];
}
