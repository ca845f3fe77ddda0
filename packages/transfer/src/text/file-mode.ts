/**
 * The type and permission bits of a mode, for people.
 * @module
 */

const TYPE_MASK = 0o170000;

/** The kinds of items that there are. */
export type FileKind =
  | "regular"
  | "directory"
  | "symlink"
  | "character"
  | "block"
  | "socket"
  | "fifo";

const KINDS: ReadonlyMap<number, FileKind> = new Map([
  [0o100000, "regular"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
  [0o020000, "character"],
  [0o060000, "block"],
  [0o140000, "socket"],
  [0o010000, "fifo"],
]);

const LETTERS: Readonly<Record<FileKind, string>> = {
  regular: "-",
  directory: "d",
  symlink: "l",
  character: "c",
  block: "b",
  socket: "s",
  fifo: "p",
};

/** The kind that the type bits of `mode` name; bits that name none count as a regular file. */
export function fileKind(mode: number): FileKind {
  return KINDS.get(mode & TYPE_MASK) ?? "regular";
}

function executeLetter(mode: number, bit: number, special: boolean, letter: string): string {
  const executable = (mode & bit) !== 0;
  if (!special) return executable ? "x" : "-";
  return executable ? letter : letter.toUpperCase();
}

/** The nine permission letters: `rwxr-xr-x`, with `s S t T` in the places of `x`. */
export function formatPermissions(mode: number): string {
  const letter = (bit: number, name: string) => (mode & bit ? name : "-");
  const user = letter(0o400, "r") + letter(0o200, "w");
  const group = letter(0o040, "r") + letter(0o020, "w");
  const other = letter(0o004, "r") + letter(0o002, "w");
  return (
    user +
    executeLetter(mode, 0o100, (mode & 0o4000) !== 0, "s") +
    group +
    executeLetter(mode, 0o010, (mode & 0o2000) !== 0, "s") +
    other +
    executeLetter(mode, 0o001, (mode & 0o1000) !== 0, "t")
  );
}

/** The ten letters of a listing: kind and permissions. */
export function formatMode(mode: number): string {
  return LETTERS[fileKind(mode)] + formatPermissions(mode);
}
