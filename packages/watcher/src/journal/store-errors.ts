/**
 * What goes wrong with a state directory.
 * @module
 */

/** The state directory cannot be used. */
export class StateDirectoryError extends Error {
  /** `locked`: by another process that lives. */
  readonly code: "locked" | "unusable";

  constructor(code: "locked" | "unusable", message: string, cause: unknown) {
    super(message, { cause });
    this.name = "StateDirectoryError";
    this.code = code;
  }
}

/** The error for a state directory that something is wrong with. */
export function unusable(stateDir: string, cause: unknown): StateDirectoryError {
  const message = `the state directory ${stateDir} cannot be used: ${reasonOf(cause)}`;
  return new StateDirectoryError("unusable", message, cause);
}

/** The store's errors have the interesting one inside. */
function innermost(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause !== undefined ? innermost(thrown.cause) : thrown;
}

/** The code of the error inside. */
export function codeOf(thrown: unknown): unknown {
  const inner = innermost(thrown);
  return inner instanceof Error && "code" in inner ? inner.code : undefined;
}

/** Why something failed, for people. */
export function reasonOf(thrown: unknown): string {
  const inner = innermost(thrown);
  return inner instanceof Error ? inner.message : String(inner);
}

/** A store cannot be read. A file of it that is missing is damage, too. */
export function isDamage(thrown: unknown): boolean {
  return codeOf(thrown) === "LEVEL_CORRUPTION" || /No such file/.test(reasonOf(thrown));
}
