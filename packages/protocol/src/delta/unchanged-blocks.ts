/**
 * Which blocks may be used when the receiver writes over the basis itself. Spec: docs/protocol/3-transfer.md, 5.2.
 * @module
 */

/** Remembers the blocks that were matched at their own offset: they stay what they are while the file is rebuilt. */
export class UnchangedBlocks {
  readonly #blockLength: number;
  readonly #bits: Uint8Array;

  constructor(count: number, blockLength: number) {
    this.#blockLength = blockLength;
    this.#bits = new Uint8Array(Math.ceil(count / 8));
  }

  /** Block `block` was matched at `position` of the new file. */
  note(block: number, position: number): void {
    if (block * this.#blockLength === position) this.#bits[block >> 3]! |= 1 << (block & 7);
  }

  /** May `block` be used at `position`? It must lie at or after it, or have stayed unchanged. */
  allows(block: number, position: number): boolean {
    if (block * this.#blockLength >= position) return true;
    return ((this.#bits[block >> 3]! >> (block & 7)) & 1) !== 0;
  }
}
