/**
 * What is wrong with a configuration: all of it at once, each with the place where it is written.
 * @module
 */
import { UsageError } from "@tsrsync/protocol";

/** Where a value is written. Lines and columns count from 1; 0 where there are none (an environment variable). */
export interface Place {
  /** The file's name as it was given, or `environment NAME`. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. */
export interface ConfigProblem {
  readonly place: Place | null;
  readonly message: string;
}

/** A configuration that can not be used (exit 1). Its message has a line for each problem. */
export class ConfigError extends UsageError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/** `file:line:column: message`, as compilers and editors have it. */
export function formatProblem({ place, message }: ConfigProblem): string {
  return place === null ? message : `${formatPlace(place)}: ${message}`;
}

/** `file:line:column`, or just the source. */
export function formatPlace({ source, line, column }: Place): string {
  return line === 0 ? source : `${source}:${line}:${column}`;
}

/** More than that is noise: the first ones are the ones to mend. */
const MAX_PROBLEMS = 100;

/** Gathers problems. The same one is kept once: inherited values are read for each of their heirs. */
export class ProblemList {
  readonly #problems: ConfigProblem[] = [];
  readonly #seen = new Set<string>();

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  add(place: Place | null, message: string): void {
    const key = formatProblem({ place, message });
    if (this.#seen.has(key) || this.#problems.length >= MAX_PROBLEMS) return;
    this.#seen.add(key);
    this.#problems.push({ place, message });
  }

  /** @throws ConfigError when there are any; in the order of their places. */
  throwIfAny(): void {
    if (this.isEmpty) return;
    throw new ConfigError(inOrder(this.#problems));
  }
}

/** What came from one source stays together, in the order of its lines. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const sources = [...new Set(problems.map(({ place }) => place?.source))];
  const rank = ({ place }: ConfigProblem): [number, number, number] => [
    sources.indexOf(place?.source),
    place?.line ?? 0,
    place?.column ?? 0,
  ];
  return problems.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
  });
}
