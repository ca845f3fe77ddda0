/**
 * `${NAME}`, `${NAME:-otherwise}` and `$${` in texts.
 * @module
 */

export interface FilledIn {
  readonly text: string;
  /** The variable, when the text was nothing else. */
  readonly variable?: string;
}

/** Fills in the environment; a variable that is not set, or broken syntax, comes back as `error`. */
export function fillIn(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): FilledIn | { readonly error: string } {
  if (!text.includes("${")) return { text };
  let error: string | null = null;
  const filled = text.replace(
    /\$\$\{|\$\{([^}]*)(\}?)/g,
    (whole, inside: string | undefined, close: string) => {
      if (inside === undefined) return "${";
      const match = close === "}" ? /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside) : null;
      if (match === null) {
        error ??= `expected \${NAME} or \${NAME:-default}, got ${JSON.stringify(whole.slice(0, 40))} ($\${ stands for itself)`;
        return "";
      }
      const value = environment[match[1]!];
      if (match[2] !== undefined) return value === undefined || value === "" ? match[2] : value;
      if (value === undefined) error ??= `the environment variable ${match[1]} is not set`;
      return value ?? "";
    },
  );
  if (error !== null) return { error };
  const only = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text);
  return only === null ? { text: filled } : { text: filled, variable: only[1]! };
}
