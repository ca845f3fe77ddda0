/**
 * Filling of lines.
 * @module
 */

/**
 * Puts `items` after one another, separated by `separator`, into lines of at most `width` columns, each after `indent`
 * blanks. Trailing blanks of the separator are dropped at the end of a line; an item wider than a line has one to
 * itself.
 */
export function fillLines(
  items: readonly string[],
  separator: string,
  indent: number,
  width: number,
): string[] {
  const margin = " ".repeat(indent);
  const mark = separator.trimEnd();
  const lines: string[] = [];
  let line = "";
  for (const [index, item] of items.entries()) {
    const piece = index < items.length - 1 ? item + mark : item;
    const joined = line === "" ? margin + piece : line + separator.slice(mark.length) + piece;
    if (line === "" || joined.length <= width) {
      line = joined;
    } else {
      lines.push(line);
      line = margin + piece;
    }
  }
  return line === "" ? lines : [...lines, line];
}
