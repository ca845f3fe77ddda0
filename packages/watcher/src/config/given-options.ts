/**
 * The options that words of rsync's command line give, one by one.
 * @module
 */
import { type FoundOption, optionIndex } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";

/** One option as it was given. */
export interface GivenOption {
  /** Long name, or the letter of an option that has none. */
  readonly name: string;
  readonly negated: boolean;
  readonly letter: string | null;
  readonly words: readonly ByteString[];
}

/** One entry per option. The words are known to be good. */
export function splitOptions(words: readonly ByteString[]): GivenOption[] {
  const { long, short } = optionIndex("client");
  const result: GivenOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word.startsWith("--")) {
      const found = long.get(word.slice(2).split("=", 1)[0]!)!;
      const takesNext = takesValue(found) && !word.includes("=");
      result.push(given(found, null, takesNext ? [word, words[++at]!] : [word]));
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const found = short.get(word[i]!)!;
      if (takesValue(found)) {
        const rest = word.slice(i + 1);
        result.push(
          given(found, null, rest === "" ? [`-${word[i]}`, words[++at]!] : [`-${word.slice(i)}`]),
        );
        break;
      }
      result.push(given(found, word[i]!, [`-${word[i]}`]));
    }
  }
  return result;
}

function given(
  { spec, negated }: FoundOption,
  letter: string | null,
  words: readonly ByteString[],
): GivenOption {
  return { name: spec.name ?? spec.short ?? "", negated, letter, words };
}

function takesValue({ spec, negated }: FoundOption): boolean {
  return spec.value !== "none" && !negated;
}
