/**
 * Targets of a root: addresses, groups, files with addresses, and what they inherit.
 * @module
 */
import { join } from "node:path";
import type { TargetKeys } from "../keys/defaults.js";
import { TARGET, type TargetPlace } from "../keys/top.js";
import { nearestName } from "../nearest.js";
import { type ConfigNode, emptyMap, type MapNode } from "../node.js";
import type { Place } from "../problem.js";
import type { AuthSettings, RsyncSettings, TargetSettings } from "../settings.js";
import { fileLines } from "../shape/composites.js";
import { mergeNodes } from "../shape/section.js";
import type { Reader } from "../shape/shape.js";
import { formatTargetUrl, joinTargetUrl, type TargetUrl } from "../target-url.js";
import { freeName, nameFrom } from "./names.js";

/** An entry of `targets` after groups and files were taken apart. */
interface TargetDraft {
  readonly node: MapNode;
  readonly module: string | null;
}

/** Makes targets out of entries. */
export class TargetBuilder {
  readonly #groups: ReadonlyMap<string, readonly ConfigNode[]>;
  readonly #stateDir: string;
  readonly #reader: Reader;

  constructor(
    groups: ReadonlyMap<string, readonly ConfigNode[]>,
    stateDir: string,
    reader: Reader,
  ) {
    this.#groups = groups;
    this.#stateDir = stateDir;
    this.#reader = reader;
  }

  /** Groups that no root uses are checked, too. */
  checkGroups(): void {
    for (const [, members] of this.#groups)
      for (const member of members) TARGET.read(asSection(member), this.#reader);
  }

  build(entries: readonly ConfigNode[], inherited: MapNode): TargetSettings[] {
    const drafts = entries.flatMap((entry) => this.#expand(entry));
    const targets = drafts.flatMap((draft) => this.#one(draft, inherited));
    const taken = new Set<string>();
    for (const [index, { name }] of targets.entries()) {
      if (name === "") continue;
      if (taken.has(name)) {
        this.#reader.problems.add(
          drafts[index]?.node.place ?? null,
          `another target of this root is called "${name}", too`,
        );
      }
      taken.add(name);
    }
    for (const target of targets) {
      if (target.name === "") target.name = freeName(nameFrom(hostOf(target.url)), taken);
    }
    return targets;
  }

  #expand(entry: ConfigNode): TargetDraft[] {
    if (entry.kind === "file") return this.#fromFile(entry);
    const node = asSection(entry);
    if (node.kind !== "map") {
      this.#reader.problems.add(node.place, "expected a target: an address or a section");
      return [];
    }
    const raw = TARGET.read(node, this.#reader);
    if (raw === undefined) return [];
    if (raw.group === null) return [{ node, module: raw.module }];
    return this.#fromGroup(node, raw, raw.group);
  }

  #fromFile(entry: ConfigNode & { kind: "file" }): TargetDraft[] {
    const lines = fileLines(entry, false, this.#reader);
    if (lines === undefined) return [];
    if (lines.length === 0)
      this.#reader.problems.add(entry.place, `${entry.path} names no targets`);
    return lines.flatMap((line) =>
      this.#expand({ kind: "scalar", value: line, text: line, place: entry.place }),
    );
  }

  #fromGroup(node: MapNode, raw: TargetPlace, name: string): TargetDraft[] {
    const members = this.#groups.get(name);
    const place = node.entries.get("group")!.node.place;
    if (members === undefined) {
      const near = nearestName(name, this.#groups.keys());
      this.#reader.problems.add(
        place,
        `there is no group "${name}"${near === null ? "" : `; did you mean "${near}"?`}`,
      );
      return [];
    }
    const own = new Map(node.entries);
    for (const key of ["group", "module", "name", "url"]) own.delete(key);
    if (raw.name !== null)
      this.#reader.problems.add(
        node.entries.get("name")!.keyPlace,
        "the members of a group have their own names",
      );
    return members.flatMap((member) =>
      this.#expand(member).map((draft) => ({
        node: mergeNodes(TARGET, draft.node, { ...node, entries: own }) as MapNode,
        module: [draft.module, raw.module].filter((part) => part !== null).join("/") || null,
      })),
    );
  }

  #one({ node, module }: TargetDraft, inherited: MapNode): TargetSettings[] {
    const raw = TARGET.read(mergeNodes(TARGET, inherited, node), this.#reader);
    if (raw === undefined || raw.url === null) return [];
    const url = this.#address(raw.url, raw, module, node.place);
    return [{ ...this.#settings(raw), name: raw.name ?? "", url: formatTargetUrl(url) }];
  }

  #address(
    url: TargetUrl,
    raw: TargetPlace & TargetKeys,
    module: string | null,
    place: Place,
  ): TargetUrl {
    const { problems } = this.#reader;
    if (raw.port !== null && url.port !== null && raw.port !== url.port) {
      problems.add(place, `two ports: ${url.port} in the address, ${raw.port} in "port"`);
    }
    const full = module === null ? url : joinTargetUrl(url, module);
    if (full.path === "" || full.path.split("/").includes("..")) {
      const what = url.scheme === "ssh" ? "a path" : "a module";
      problems.add(
        place,
        full.path === "" ? `the address names no ${what.slice(2)}` : `"..": ${what} has none`,
      );
    }
    if (raw.auth.user !== null && url.user !== null && raw.auth.user !== url.user) {
      problems.add(place, `two users: ${url.user} in the address, ${raw.auth.user} in "auth"`);
    }
    return { ...full, port: url.port ?? raw.port, user: url.user ?? raw.auth.user };
  }

  #settings(raw: TargetPlace & TargetKeys): Omit<TargetSettings, "name" | "url"> {
    const { batch, filter, fullSync, retry, history, adopt } = raw;
    const { options } = raw.rsync;
    const rsync = rsyncSettings(raw.rsync);
    return {
      ...{ batch, filter, fullSync, retry, history, adopt, window: raw.window },
      auth: authSettings(raw.auth),
      rsync: raw.compress === null ? rsync : { ...rsync, compress: raw.compress },
      delete: raw.delete,
      failLog: {
        path: raw.failLog.path ?? join(this.#stateDir, "rsync_fail_log.sh"),
        retryEvery: raw.failLog.retryEvery,
      },
      timeout: options.timeout ?? raw.timeout,
      connect: { ...raw.connect, timeout: options.connectTimeout ?? raw.connect.timeout },
      bandwidth: {
        limit: options.bandwidth ?? raw.bandwidth.limit,
        at: raw.bandwidth.at.map(([window, limit]) => ({ window, limit })),
      },
      verify: { samplePerHour: raw.verify.sample, full: raw.verify.full },
    };
  }
}

/** An address alone stands for a section with just that. */
function asSection(node: ConfigNode): ConfigNode {
  if (node.kind !== "scalar") return node;
  return { ...emptyMap(node.place), entries: new Map([["url", { keyPlace: node.place, node }]]) };
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(url)![1]!;
}

function authSettings({
  password,
  passwordEnv,
  passwordCommand,
  identity,
}: TargetKeys["auth"]): AuthSettings {
  if (passwordEnv !== null) return { password: { kind: "env", name: passwordEnv }, identity };
  if (passwordCommand !== null)
    return { password: { kind: "command", argv: passwordCommand }, identity };
  return { password, identity };
}

function rsyncSettings({ options, ...keys }: TargetKeys["rsync"]): RsyncSettings {
  return {
    ...keys,
    options: options.words,
    hardLinks: options.hardLinks ?? keys.hardLinks,
    acls: options.acls ?? keys.acls,
    xattrs: options.xattrs ?? keys.xattrs,
    compress: options.compress ?? keys.compress,
    partialDir: options.partialDir ?? keys.partialDir,
  };
}
