/**
 * Takes remarks (`## like this & that`) from between the tags of a file, so that a strict parser accepts the rest.
 * @module
 */

export interface Blanked {
  /** Only tags are left; everything else is spaces, so that places stay the same. */
  readonly text: string;
  /** Where the document declares entities, or null. */
  readonly entityAt: number | null;
}

/** What begins like this ends like that, and holds no tags. */
const NOT_TAGS: readonly (readonly [string, string])[] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
];

/** Blanks all that is no tag. Broken markup is left for the parser to complain about. */
export function blankFreeText(text: string): Blanked {
  const kept: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("<", at);
    if (open < 0) break;
    kept.push(blank(text.slice(at, open)));
    if (/^<!DOCTYPE/i.test(text.slice(open, open + 9))) {
      const end = doctypeEnd(text, open);
      const entity = text.slice(open, end).search(/<!ENTITY/i);
      if (entity >= 0) return { text: "", entityAt: open + entity };
      kept.push(blank(text.slice(open, end)));
      at = end;
      continue;
    }
    const special = NOT_TAGS.find(([start]) => text.startsWith(start, open));
    if (special !== undefined) {
      const end = text.indexOf(special[1], open + special[0].length);
      if (end < 0) return { text: kept.join("") + text.slice(open), entityAt: null };
      at = end + special[1].length;
      kept.push(blank(text.slice(open, at)));
    } else if (!/[A-Za-z_/]/.test(text[open + 1] ?? "")) {
      kept.push(" ");
      at = open + 1;
    } else {
      at = tagEnd(text, open);
      kept.push(text.slice(open, at));
    }
  }
  return { text: kept.join("") + blank(text.slice(at)), entityAt: null };
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}

/** Past the `>` that closes a tag: quoted values may hold one. */
function tagEnd(text: string, open: number): number {
  let quote = "";
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at + 1;
  }
  return text.length;
}

/** Past a document type, with its own declarations in brackets. */
function doctypeEnd(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    const character = text[at]!;
    if (character === "[") depth++;
    else if (character === "]") depth--;
    else if (character === ">" && depth <= 0) return at + 1;
  }
  return text.length;
}
