/**
 * The two forms of `--version`. Spec: docs/protocol/4-command.md, 14.1.
 * @module
 */
import type { Algorithm, Feature, VersionFacts } from "./version-facts.js";
import { fillLines } from "./wrap.js";

/**
 * Our name, and not rsync's: whoever reads a version must learn whose it is. Scripts keep working, since they look for
 * `rsync  version N.N.N  protocol version N`, which the line still contains, or take its third and sixth word. One
 * that compares the version with rsync's sees a low one, and so does without the newer options, which is the safe
 * side; one that anchors the word at the start of the line is to be told that this is another program.
 */
const PROGRAM = "tsrsync";

const INDENT = 4;
const WIDTH = 78;

/** The first line of the version text, without LF. */
export function versionLine(facts: Pick<VersionFacts, "version" | "protocol">): string {
  return `${PROGRAM}  version ${facts.version}  protocol version ${facts.protocol}`;
}

/** The text of `--version`, with a final LF. */
export function versionText(facts: VersionFacts): string {
  const features = [...bitFeatures(facts), ...facts.capabilities.map(featureWords)];
  return [
    versionLine(facts),
    `Copyright ${facts.copyright}`,
    `Web site: ${facts.url}`,
    ...section("Capabilities:", features, ", "),
    ...section("Optimizations:", facts.optimizations.map(featureWords), ", "),
    ...section("Checksum list:", facts.checksums.map(algorithmWords), " "),
    ...section("Compress list:", facts.compressions.map(algorithmWords), " "),
    ...section("Daemon auth list:", facts.daemonAuths.map(algorithmWords), " "),
    "",
    ...facts.licenceText,
    "",
  ].join("\n");
}

/** The JSON of `-VV`, with a final LF: one key per line, members of objects and arrays packed. */
export function versionJson(facts: VersionFacts): string {
  const { bits } = facts;
  const capabilities = [
    member("file_bits", bits.files),
    member("inum_bits", bits.inums),
    member("timestamp_bits", bits.timestamps),
    member("long_int_bits", bits.longInts),
    ...facts.capabilities.map(featureMember),
  ];
  const entries = [
    member("program", PROGRAM),
    member("version", facts.version),
    member("protocol", `${facts.protocol}.0`),
    member("copyright", facts.copyright),
    member("url", facts.url),
    packed("capabilities", "{", capabilities, "}"),
    packed("optimizations", "{", facts.optimizations.map(featureMember), "}"),
    packed("checksum_list", "[", facts.checksums.map(algorithmName), "]"),
    packed("compress_list", "[", facts.compressions.map(algorithmName), "]"),
    packed("daemon_auth_list", "[", facts.daemonAuths.map(algorithmName), "]"),
    member("license", facts.licence),
    member("caveat", facts.caveat),
  ];
  return `{\n${entries.map((entry) => `  ${entry}`).join(",\n")}\n}\n`;
}

function section(title: string, items: readonly string[], separator: string): string[] {
  return [title, ...fillLines(items, separator, INDENT, WIDTH)];
}

function bitFeatures({ bits }: VersionFacts): string[] {
  return [
    `${bits.files}-bit files`,
    `${bits.inums}-bit inums`,
    `${bits.timestamps}-bit timestamps`,
    `${bits.longInts}-bit long ints`,
  ];
}

function featureWords({ name, present }: Feature): string {
  if (present === true) return name;
  return present === false ? `no ${name}` : `${present} ${name}`;
}

function algorithmWords({ name, aliases = [] }: Algorithm): string {
  return [name, ...aliases.map((alias) => `(${alias})`)].join(" ");
}

function algorithmName({ name }: Algorithm): string {
  return JSON.stringify(name);
}

function featureMember({ name, present }: Feature): string {
  return member(name.replaceAll("-", "_"), present);
}

function member(key: string, value: string | number | boolean): string {
  return `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
}

function packed(key: string, open: string, items: readonly string[], close: string): string {
  const lines = fillLines(items, ", ", INDENT, WIDTH);
  return `${JSON.stringify(key)}: ${open}\n${lines.join("\n")}\n  ${close}`;
}
