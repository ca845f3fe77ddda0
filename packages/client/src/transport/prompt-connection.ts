/**
 * A TCP connection whose peer is waited for by sleeping in the kernel, as long as it answers within moments. When it does not, the
 * connection is given to Node, and is an ordinary socket from then on.
 * @module
 */
import { EventEmitter } from "node:events";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type { ByteStream } from "@tsrsync/transfer";
import type { LinuxCalls } from "@tsrsync/transfer/linux";
import type { Habits } from "./habits.js";
import { Patience } from "./patience.js";
import { tellWriteErrorsLast } from "./tell-write-errors-last.js";

const { EAGAIN } = constants.errno;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_RCVLOWAT = 18;

/** All connections of a process stand in each other's way. */
const patience = new Patience();
const buffer = new Uint8Array(64 << 10);

/** What Node tells of a socket. */
const EVENTS = ["data", "end", "error", "close"] as const;

export class PromptConnection extends EventEmitter implements ByteStream {
  /** IPv4 address of the peer. */
  readonly remoteAddress: string;
  readonly #calls: LinuxCalls;
  readonly #descriptor: number;
  readonly #habits: Habits;
  /** How much the peer has said after each of our turns. */
  readonly #answers: number[] = [];
  #answer = 0;
  /** How much must be there before the kernel wakes us up. */
  #enough = 1;
  #bytesRead = 0;
  /** Who has it now. */
  #socket: Socket | null = null;
  #isDestroyed = false;

  private constructor(
    calls: LinuxCalls,
    habits: Habits,
    descriptor: number,
    remoteAddress: string,
  ) {
    super();
    this.#calls = calls;
    this.#habits = habits;
    this.#descriptor = descriptor;
    this.remoteAddress = remoteAddress;
  }

  /** A conversation with a peer begins, whatever way it is reached: who talks with several stands still for none. */
  static begins(peer: object): void {
    patience.begins(peer, performance.now());
  }

  /** A connection to an IPv4 address, if it is there within a moment. Why it is not is for others to find out. */
  static open(
    calls: LinuxCalls,
    habits: Habits,
    address: string,
    port: number,
  ): PromptConnection | null {
    const now = performance.now();
    const wait = patience.wait(now);
    if (!wait) return null;
    const descriptor = calls.connectIPv4(address, port);
    if (descriptor < 0) return null;
    const isAnswered = calls.awaitWritable(descriptor, wait);
    if (isAnswered && calls.socketOption(descriptor, SOL_SOCKET, SO_ERROR) === 0) {
      return new PromptConnection(calls, habits, descriptor, address);
    }
    if (!isAnswered) patience.inVain(performance.now());
    closeSync(descriptor);
    return null;
  }

  get destroyed(): boolean {
    return this.#socket?.destroyed ?? this.#isDestroyed;
  }

  get bytesRead(): number {
    return this.#bytesRead + (this.#socket?.bytesRead ?? 0);
  }

  /** The peer has said nothing that was not received, and is there. */
  get isSilent(): boolean {
    if (this.#socket !== null || this.#isDestroyed) return !this.destroyed;
    return this.#calls.peek(this.#descriptor, buffer) === -EAGAIN;
  }

  receiveNow(): boolean {
    if (this.#socket !== null || this.#isDestroyed) return false;
    const wait = patience.wait(performance.now());
    if (wait === null) return false;
    if (wait > 0 && !this.#await(wait)) return false;
    const count = this.#calls.receive(this.#descriptor, buffer);
    if (count <= 0) {
      // The end is left to Node, which will see it again; an error is told only once.
      if (count < 0 && count !== -EAGAIN) {
        this.destroy(new Error(`read ${getSystemErrorName(count)}`));
      }
      return false;
    }
    this.#bytesRead += count;
    this.#answer += count;
    this.emit("data", buffer.slice(0, count));
    return true;
  }

  /** Sleeps until the peer has said what it usually says. */
  #await(timeoutMs: number): boolean {
    const expected = this.#habits.expected(this.#answers.length) - this.#answer;
    this.#wakeFor(Math.max(1, expected));
    if (this.#calls.awaitReadable(this.#descriptor, timeoutMs)) {
      patience.rewarded();
      return true;
    }
    if (this.#enough === 1) {
      patience.inVain(performance.now());
      return false;
    }
    this.#habits.forget();
    this.#wakeFor(1);
    return this.#calls.awaitReadable(this.#descriptor, 0);
  }

  #wakeFor(bytes: number): void {
    if (bytes === this.#enough) return;
    this.#enough = bytes;
    this.#calls.setSocketOption(this.#descriptor, SOL_SOCKET, SO_RCVLOWAT, bytes);
  }

  write(bytes: Uint8Array, done?: () => void): void {
    if (this.#answer > 0) {
      this.#answers.push(this.#answer);
      this.#answer = 0;
    }
    const sent = this.#sendNow(bytes);
    if (sent < bytes.length) this.#ordinary().write(bytes.subarray(sent), done);
    else done?.();
  }

  /** How many bytes were sent. What goes wrong with it goes wrong for Node, too, who tells it. */
  #sendNow(bytes: Uint8Array): number {
    if (this.#socket !== null || this.#isDestroyed) return 0;
    return Math.max(0, this.#calls.send(this.#descriptor, bytes));
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isDestroyed) this.#ordinary().resume();
  }

  isPaused(): boolean {
    return this.#socket?.isPaused() ?? true;
  }

  /** Nothing more is written. */
  end(done?: () => void): void {
    if (this.#socket === null) done?.();
    else this.#socket.end(done);
  }

  destroy(error?: Error): void {
    if (this.#socket !== null) {
      this.#socket.destroy(error);
      return;
    }
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#habits.learn([...this.#answers, this.#answer]);
    closeSync(this.#descriptor);
    if (this.listenerCount("close") === 0 && error === undefined) return;
    process.nextTick(() => {
      if (error !== undefined) this.emit("error", error);
      this.emit("close");
    });
  }

  /** From here on it is Node that waits. */
  #ordinary(): Socket {
    if (this.#socket !== null) return this.#socket;
    this.#wakeFor(1);
    const socket = new Socket({ fd: this.#descriptor });
    socket.pause();
    for (const event of EVENTS)
      socket.on(event, (...about: unknown[]) => this.emit(event, ...about));
    tellWriteErrorsLast(socket);
    this.#socket = socket;
    return socket;
  }
}
