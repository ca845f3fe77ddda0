/**
 * What a confxml.xml says once for all roots and targets.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import type { DraftMap } from "../draft.js";
import { type MirrorOptions, parseMirrorOptions } from "../rsync-options.js";
import type { ConfXml } from "./confxml.js";
import type { XmlElement } from "./elements.js";

/** Fills `defaults`. */
export function addDefaults(file: ConfXml, defaults: DraftMap): void {
  const { attributes, head, sersync } = file;
  addEvents(file, attributes.child(head, "inotify"), defaults);
  addFilter(file, attributes.child(head, "filter"), defaults.section("filter"));
  const rsync = attributes.child(sersync, "rsync");
  addOptions(file, attributes.child(rsync, "commonParams"), defaults);
  addTimeout(file, attributes.child(rsync, "timeout"), defaults);
  addFailLog(file, attributes.child(sersync, "failLog"), defaults.section("failLog"));
  addFullSync(file, attributes.child(sersync, "crontab"), defaults.section("fullSync"));
}

const TOGGLES: readonly (readonly [string, boolean])[] = [
  ["delete", true],
  ["createFolder", true],
  ["closeWrite", true],
  ["moveFrom", true],
  ["moveTo", true],
  ["attrib", false],
  ["modify", false],
];

function addEvents(
  { attributes, warnings }: ConfXml,
  inotify: XmlElement | null,
  defaults: DraftMap,
): void {
  const events = defaults.section("live").section("events", "The switches of <inotify>.");
  const values = new Map(
    TOGGLES.map(([name, usual]) => [name, attributes.isOn(attributes.child(inotify, name), usual)]),
  );
  for (const [name, value] of values) events.set(name, value, REMARKS[name]?.(value));
  if (attributes.child(inotify, "createFile") !== null) {
    events.remark(
      "createFile has no key: a new file is sent when it is closed, links and the like at once.",
    );
  }
  if (values.get("delete") === false) {
    defaults
      .section("delete")
      .set(
        "mode",
        "never",
        'delete start="false": nothing is deleted in targets, moved files keep their old name, too.',
      );
  }
  if (values.get("createFolder") === false) {
    warnings.push(
      'createFolder start="false": new directories, and all that is in them, are not mirrored',
    );
  }
}

const REMARKS: Readonly<Record<string, (value: boolean) => string | undefined>> = {
  createFolder: (value) =>
    value ? undefined : "Not recommended: new directories, and all in them, are not mirrored.",
  closeWrite: (value) => (value ? undefined : "Contents come with full syncs only."),
  attrib: (value) =>
    value ? undefined : "Changes of mode, owner and time alone are not sent; true is better.",
};

function addFilter(
  { attributes, warnings }: ConfXml,
  filter: XmlElement | null,
  draft: DraftMap,
): void {
  const isOn = attributes.isOn(filter, false);
  const expressions = attributes.children(filter, "exclude").flatMap((exclude) => {
    const text = exclude.attributes.get("expression") ?? "";
    const complaint = text === "" ? 'has no "expression"' : expressionComplaint(text);
    if (complaint !== null && isOn)
      attributes.warn(exclude, `<exclude> ${complaint}, and is skipped`);
    return complaint === null ? [text] : [];
  });
  if (isOn) {
    draft.set(
      "excludeRegex",
      expressions,
      "They must fit the whole path below the root. Full syncs leave out the same.",
    );
  } else if (expressions.length > 0) {
    draft.remark(`filter start="false": these were off: ${expressions.join("  ")}`);
  }
  draft.set(
    "tempFiles",
    "sersync",
    "sersync never sends files whose names begin with . or end in ~, and 4913. `none` mirrors them, too.",
  );
  warnings.push(
    'files whose names begin with "." (.htaccess, .env) or end in "~" are not mirrored, as with sersync: filter.tempFiles',
  );
}

function expressionComplaint(text: string): string | null {
  try {
    new RegExp(text);
    return null;
  } catch (error) {
    return `expression="${text}" is no regular expression (${(error as Error).message})`;
  }
}

const SAMPLE_PARAMS = "-artuz";

function addOptions(
  { attributes, problems }: ConfXml,
  params: XmlElement | null,
  defaults: DraftMap,
): void {
  const text = params?.attributes.get("params")?.trim() || SAMPLE_PARAMS;
  if (params !== null && !params.attributes.has("params"))
    attributes.warn(params, `<commonParams> has no "params": taken as ${SAMPLE_PARAMS}`);
  let options: MirrorOptions;
  try {
    options = parseMirrorOptions(text, true);
  } catch (error) {
    if (!(error instanceof RsyncError)) throw error;
    problems.add(params?.place ?? null, `params="${text}": ${error.message}`);
    return;
  }
  const rsync = defaults.section("rsync");
  rsync.set("options", options.words.join(" "), optionsRemark(text, options));
  rsync.set(
    "hardLinks",
    options.hardLinks ?? false,
    options.hardLinks ? undefined : "Hard links become copies, as there is no -H in params.",
  );
  if (options.rules !== undefined) {
    defaults.section("filter").set("rules", options.rules, "Filter rules of params.");
  }
  if (!options.words.includes("--numeric-ids"))
    rsync.set("owner", "names", "Owners by name, as rsync does.");
  if (options.acls) rsync.set("acls", true, "-A");
  if (options.xattrs) rsync.set("xattrs", true, "-X");
  rsync.set(
    "compress",
    options.compress ? "auto" : false,
    options.compress ? "-z, where the network is slow enough for it to pay." : "No -z in params.",
  );
  if (options.partialDir !== undefined) rsync.set("partialDir", options.partialDir);
  if (options.bandwidth)
    defaults.section("bandwidth").set("limit", `${options.bandwidth / 1024}k`, "--bwlimit");
  if (options.connectTimeout)
    defaults.section("connect").set("timeout", `${options.connectTimeout}ms`, "--contimeout");
  if (options.timeout) defaults.set("timeout", `${options.timeout / 1000}s`, "--timeout");
}

function optionsRemark(text: string, { words, dropped }: MirrorOptions): string {
  const lines = [`params="${text}".`];
  if (dropped.length > 0)
    lines.push(`The mirror decides itself: ${[...new Set(dropped)].join(", ")}.`);
  if (words.some((word) => word === "--update" || /^-[^-]*u/.test(word))) {
    lines.push(
      "-u never replaces a newer file in the target: not a mirror. Without it, files that were put back are sent, too.",
    );
  }
  return lines.join("\n");
}

function addTimeout({ attributes }: ConfXml, timeout: XmlElement | null, defaults: DraftMap): void {
  if (timeout !== null && attributes.isOn(timeout, false)) {
    defaults.set("timeout", `${attributes.number(timeout, "time", 60)}s`);
  } else {
    defaults.set("timeout", "60s", "It was off: a target that hangs would block for ever.");
  }
}

function addFailLog(file: ConfXml, failLog: XmlElement | null, draft: DraftMap): void {
  if (failLog === null) return;
  const path = failLog.attributes.get("path")?.trim();
  if (path)
    draft.set(
      "path",
      file.path(path),
      "Written so that only its owner can read it, and never executed.",
    );
  const minutes = file.attributes.number(failLog, "timeToExecute", 120);
  draft.set(
    "retryEvery",
    `${minutes}m`,
    "timeToExecute: what failed is tried again after that time at the latest.",
  );
}

function addFullSync({ attributes }: ConfXml, crontab: XmlElement | null, draft: DraftMap): void {
  const isOn = attributes.isOn(crontab, false);
  const filter = attributes.child(crontab, "crontabfilter");
  const patterns = attributes
    .children(filter, "exclude")
    .flatMap((exclude) => exclude.attributes.get("expression") || []);
  if (crontab !== null && isOn) {
    draft.set("every", `${attributes.number(crontab, "schedule", 600)}m`, "crontab schedule.");
    if (attributes.isOn(filter, false)) draft.set("exclude", patterns, "crontabfilter.");
    else if (patterns.length > 0)
      draft.remark(`crontabfilter start="false": these were off: ${patterns.join("  ")}`);
  } else {
    draft.set(
      "every",
      null,
      "crontab was off. Full syncs still come when it is not known what a target has.",
    );
  }
}
