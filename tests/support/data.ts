/**
 * File contents for tests: the same ones in every run.
 */

/** Bytes that do not compress. */
export function noise(length: number, seed: number): Buffer {
  let x = seed;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
      return x >>> 24;
    }),
  );
}

export function text(lines: number, seed: number): Buffer {
  const words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"];
  const random = noise(lines * 8, seed);
  let all = "";
  for (let line = 0; line < lines; line++) {
    for (let word = 0; word < 8; word++) all += `${words[random[line * 8 + word]! & 7]} `;
    all += `${line}\n`;
  }
  return Buffer.from(all);
}
