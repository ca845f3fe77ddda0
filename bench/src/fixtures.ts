/**
 * Seeded trees and files to transfer.
 */
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";

const CHUNK = 1 << 20;

/** A source of bytes that repeat in no useful way, and are the same in each run. */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  fill(bytes: Buffer): Buffer {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    let state = this.#state;
    for (let i = 0; i < words.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[i] = state;
    }
    this.#state = state;
    return bytes;
  }
}

const FIRST_TIME = 1_600_000_000;

/** A large file. `edits` small changes are scattered over it evenly. */
export function writeLargeFile(path: string, bytes: number, seed: number, edits = 0): void {
  const noise = new Noise(seed);
  const chunk = Buffer.alloc(CHUNK);
  const fd = openSync(path, "w");
  for (let done = 0; done < bytes; done += CHUNK) {
    writeSync(fd, noise.fill(chunk), 0, Math.min(CHUNK, bytes - done));
  }
  for (let i = 0; i < edits; i++) {
    writeSync(fd, `edit number ${i}`, Math.floor((bytes / edits) * (i + 0.37)));
  }
  closeSync(fd);
  utimesSync(path, FIRST_TIME + seed + edits, FIRST_TIME + seed + edits);
}

const SYLLABLES = "an be cor di el for ga hin is ju ka lo me nor ol per qui ra so ti".split(" ");

/** A large file of words in lines, of which general compressors save two thirds to three quarters. */
export function writeText(path: string, bytes: number): void {
  const noise = new Noise(11);
  const numbers = noise.fill(Buffer.alloc(CHUNK));
  // Words that come again: the more often, the earlier in the list.
  const words = Array.from({ length: 4096 }, (_, i) => {
    const count = 1 + (numbers[4 * i]! % 4);
    const at = (k: number) => SYLLABLES[numbers[4 * i + k]! % SYLLABLES.length];
    return Array.from({ length: count }, (_unused, k) => at(k)).join("");
  });
  const fd = openSync(path, "w");
  for (let done = 0; done < bytes; ) {
    noise.fill(numbers);
    let text = "";
    for (let i = 0; i + 1 < numbers.length && text.length < CHUNK; i += 2) {
      const rank = (numbers[i]! * numbers[i + 1]!) >> 4;
      text += words[rank]! + (i % 24 === 22 ? `, ${i}\n` : " ");
    }
    done += writeSync(fd, text.slice(0, bytes - done));
  }
  closeSync(fd);
  utimesSync(path, FIRST_TIME, FIRST_TIME);
}

/** `count` files of 1 to 9 KB, a hundred to a directory. */
export function writeSmallFiles(root: string, count: number): void {
  rmSync(root, { recursive: true, force: true });
  const noise = new Noise(7);
  const content = noise.fill(Buffer.alloc(16 << 10));
  for (let i = 0; i < count; i++) {
    const directory = `${root}/d${Math.floor(i / 100)}`;
    if (i % 100 === 0) mkdirSync(directory, { recursive: true });
    const size = 1024 + ((i * 7919) % 8192);
    const path = `${directory}/file-${i}`;
    writeFileSync(path, content.subarray(i % 1024, (i % 1024) + size));
    utimesSync(path, FIRST_TIME + i, FIRST_TIME + i);
  }
}

/** As many names of small files, `names` for each file, in directories of their own. */
export function writeHardLinks(root: string, count: number, names: number): void {
  writeSmallFiles(`${root}/0`, Math.ceil(count / names));
  for (let name = 1; name < names; name++) {
    for (let i = 0; i < Math.ceil(count / names); i++) {
      const inner = `d${Math.floor(i / 100)}`;
      if (i % 100 === 0) mkdirSync(`${root}/${name}/${inner}`, { recursive: true });
      linkSync(`${root}/0/${inner}/file-${i}`, `${root}/${name}/${inner}/file-${i}`);
    }
  }
}
