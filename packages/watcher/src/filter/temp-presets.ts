/**
 * Files that editors and other programs make for a moment. Only names of non-directories are meant.
 * @module
 */
import type { FilterSettings } from "../config/settings.js";
import type { HidingRules } from "./hiding-rule.js";

interface Pattern {
  readonly text: string;
  readonly expression: RegExp;
}

/** What sersync left out of all events, whatever its configuration said. */
const SERSYNC: readonly Pattern[] = [
  { text: ".*", expression: /^\./ },
  { text: "*~", expression: /~$/ },
  { text: "4913", expression: /^4913$/ },
];

const EDITORS: readonly Pattern[] = [
  { text: "*~", expression: /~$/ },
  // vim tries whether it may write here.
  { text: "4913", expression: /^4913$/ },
  { text: ".*.sw?", expression: /^\..*\.sw[a-px]$/s },
  { text: ".*.un~", expression: /^\..*\.un~$/s },
  // Emacs: auto-save files and locks.
  { text: "#*#", expression: /^#.*#$/s },
  { text: ".#*", expression: /^\.#/ },
  { text: "*.kate-swp", expression: /\.kate-swp$/ },
  { text: ".goutputstream-*", expression: /^\.goutputstream-[A-Z0-9]{6}$/ },
  { text: "*___jb_tmp___", expression: /___jb_(?:tmp|old)___$/ },
  // Office programs: locks and owner files.
  { text: ".~lock.*#", expression: /^\.~lock\..*#$/s },
  { text: "~$*", expression: /^~\$/ },
];

const OTHERS: readonly Pattern[] = [
  { text: "*.tmp", expression: /\.(?:tmp|temp)$/i },
  { text: "*.part", expression: /\.(?:part|partial|filepart|crdownload|download)$/i },
  { text: "sed??????", expression: /^sed[A-Za-z0-9]{6}$/ },
];

const PRESETS: Readonly<Record<FilterSettings["tempFiles"], readonly Pattern[]>> = {
  none: [],
  sersync: SERSYNC,
  editors: EDITORS,
  all: [...EDITORS, ...OTHERS],
};

/** The rules of a preset. */
export function tempFileRules(preset: FilterSettings["tempFiles"]): HidingRules {
  const patterns = PRESETS[preset];
  return {
    kind: "tempFiles",
    find: ({ name, isDirectory }) => {
      if (isDirectory) return null;
      const found = patterns.find(({ expression }) => expression.test(name));
      return found?.text ?? null;
    },
  };
}
