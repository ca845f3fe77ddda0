/**
 * `refuse options` of a module (spec 5-daemon, 5.9.3).
 * @module
 */
import {
  findOption,
  OPTIONS,
  type OptionSpec,
  type ServerRequest,
} from "@tsrsync/protocol/arguments";
import { compileWildcard, wildmatch } from "@tsrsync/protocol/filter";
import type { ModuleConfig } from "../config/index.js";

/** Refused unless the module lifts them by name. */
const REFUSED_FIRST = ["copy-devices", "write-devices"];
/** Refused whatever the module says. */
const REFUSED_LAST = ["log-file*", "insecure-links"];
/** Wildcards do not touch these: a client could not even talk to us. */
const EXACT_ONLY = new Set(
  "rsh e from0 0 secluded-args s dry-run n iconv no-iconv checksum-seed copy-devices write-devices log-format sender server".split(
    " ",
  ),
);
/** What `-a` stands for. */
const ARCHIVE = "ardlptgoD";
/** Refusing one option refuses these as well. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  delete: [
    ..."delete-before delete-during delete-delay delete-after delete-excluded delete-missing-args".split(
      " ",
    ),
    "remove-source-files",
  ],
  partial: ["inplace", "append", "append-verify"],
  inplace: ["append", "append-verify", "write-devices"],
};

interface Verdicts {
  /** Long names, or letters of options without one. */
  refused: Set<string>;
}

const nameOf = (spec: OptionSpec): string => spec.name ?? spec.short ?? "";

function affected(token: string): OptionSpec[] {
  const options = OPTIONS.filter(({ mode }) => mode !== "daemon");
  if (/[*?[]/.test(token)) {
    const pattern = compileWildcard(token);
    return options.filter(
      ({ name, short }) =>
        [name, short].some((word) => word !== null && wildmatch(pattern, word)) &&
        !EXACT_ONLY.has(name ?? "") &&
        !EXACT_ONLY.has(short ?? ""),
    );
  }
  if (token === "a" || token === "archive") {
    return options.filter(({ short }) => short !== null && ARCHIVE.includes(short));
  }
  const spec = findOption(token);
  const implied = (IMPLIED[spec?.name ?? ""] ?? []).flatMap((name) => findOption(name) ?? []);
  return spec === undefined ? [] : [spec, ...implied];
}

function apply(token: string, { refused }: Verdicts): void {
  const lifts = token.startsWith("!");
  for (const spec of affected(lifts ? token.slice(1) : token)) {
    if (lifts) refused.delete(nameOf(spec));
    else refused.add(nameOf(spec));
  }
}

/** The first option given that the module refuses, by the name that it was given by, or `null`. */
export function refusedOption(
  { refuseOptions, charset }: Pick<ModuleConfig, "refuseOptions" | "charset">,
  request: ServerRequest,
): string | null {
  const verdicts: Verdicts = { refused: new Set() };
  const own = refuseOptions.split(" ").filter(Boolean);
  const wantsIconv = own.includes("no-iconv");
  if (wantsIconv && charset && request.settings.iconv === null) return "no-iconv";
  const tokens = own.filter((token) => token !== "no-iconv");
  // Without a charset there is nothing to convert to.
  const last = charset ? REFUSED_LAST : [...REFUSED_LAST, "iconv"];
  for (const token of [...REFUSED_FIRST, ...tokens, ...last]) apply(token, verdicts);
  const { refused } = verdicts;
  if (refused.has("compress") && request.settings.compressMethod !== "none") return "compress";
  const found = request.givenOptions.find((name) => {
    const spec = findOption(name);
    return spec !== undefined && refused.has(nameOf(spec));
  });
  return found === undefined ? null : (request.givenAliases.get(found) ?? found);
}
