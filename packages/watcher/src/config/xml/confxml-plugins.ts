/**
 * Plugins of a confxml.xml as hooks.
 * @module
 */
import { splitShellCommand } from "@tsrsync/protocol/arguments";
import { DraftMap, type DraftValue } from "../draft.js";
import { nearestName } from "../nearest.js";
import type { MapNode } from "../node.js";
import type { ConfXml } from "./confxml.js";
import type { XmlElement } from "./elements.js";

type PluginReader = (file: ConfXml, plugin: XmlElement) => DraftMap[];

const PLUGINS: Readonly<Record<string, PluginReader>> = {
  command: commandHooks,
  socket: socketHooks,
  refreshCDN: cdnHooks,
  http: httpHooks,
};

/** Names that `-m` takes. */
export const PLUGIN_NAMES: readonly string[] = Object.keys(PLUGINS);

/**
 * The hooks of all plugins that `<sersync>` switches on, or of the one called `only`, which need not be on.
 */
export function pluginHooks(file: ConfXml, only: string | null): MapNode[] {
  const { attributes, head, sersync, problems } = file;
  const switches = attributes.children(sersync, "plugin");
  const definitions = attributes.children(head, "plugin");
  const started = switches
    .filter((each) => attributes.isOn(each, false))
    .map((each) => each.attributes.get("name") ?? "");
  // Plugins that are off are no mystery.
  for (const each of definitions)
    if (!started.includes(each.attributes.get("name") ?? "")) attributes.acknowledge(each);
  const wanted = only === null ? started : [only];
  return [...new Set(wanted)].flatMap((name) => {
    const place =
      switches.find((each) => each.attributes.get("name") === name)?.place ?? head.place;
    if (!Object.hasOwn(PLUGINS, name)) {
      const near = nearestName(name, PLUGIN_NAMES);
      problems.add(
        place,
        `there is no plugin "${name}"${near === null ? `; known are ${PLUGIN_NAMES.join(", ")}` : `; did you mean ${near}?`}`,
      );
      return [];
    }
    const found = definitions.filter((each) => each.attributes.get("name") === name);
    if (found.length === 0)
      problems.add(place, `there is no <plugin name="${name}"> that says what it does`);
    return found.flatMap((plugin) => PLUGINS[name]!(file, plugin).map((hook) => hook.build()));
  });
}

/** sersync ran plugins after each event, when all targets had been tried. */
function hook(kind: string, element: XmlElement, remark: string): DraftMap {
  const draft = new DraftMap(element.place, remark);
  return draft
    .set("kind", kind)
    .set("when", "all", "Once all targets have the change; sersync did not look whether they had.");
}

const METACHARACTERS = /[`$&|;<>(){}*?~#\\!\n]/;

function commandHooks({ attributes }: ConfXml, plugin: XmlElement): DraftMap[] {
  const param = attributes.child(plugin, "param");
  const prefix = param?.attributes.get("prefix")?.trim() ?? "";
  const suffix = param?.attributes.get("suffix")?.trim() ?? "";
  const needsShell = METACHARACTERS.test(prefix) || METACHARACTERS.test(suffix);
  const argv = needsShell
    ? ["/bin/sh", "-c", `${prefix} "$1" ${suffix}`.trim(), "sh", "{path}"]
    : [...splitShellCommand(prefix), "{path}", ...splitShellCommand(suffix)];
  const draft = hook("command", plugin, "plugin command");
  draft.set(
    "argv",
    argv,
    needsShell
      ? "prefix or suffix need a shell; the path is an argument of it all the same, whatever is in its name."
      : "No shell: the path is one argument.",
  );
  draft.set("batch", batchOfOne(plugin));
  draft.set("retries", 0);
  draft.set("ignoreError", param?.attributes.get("ignoreError") === "true");
  const filter = attributes.child(plugin, "filter");
  if (attributes.isOn(filter, false)) {
    const expressions = attributes
      .children(filter, "include")
      .flatMap((each) => each.attributes.get("expression") || []);
    draft.set("match", expressions, "They must fit the whole absolute path.");
  }
  return [draft];
}

/** One path at a time, as sersync did it. */
function batchOfOne(element: XmlElement): MapNode {
  return new DraftMap(element.place).set("max", 1).build();
}

function socketHooks(file: ConfXml, plugin: XmlElement): DraftMap[] {
  return ownPaths(file, plugin).flatMap(([path, root]) =>
    file.attributes.children(path, "deshost").flatMap((host) => {
      const ip = file.attributes.required(host, "ip", file.problems);
      const port = file.attributes.number(host, "port", 8009);
      if (ip === null) return [];
      const draft = hook("socket", host, "plugin socket");
      draft.set("address", `${ip.includes(":") ? `[${ip}]` : ip}:${port}`);
      draft.set("format", "compat", "The path and nothing else, on a connection for each.");
      return [withRoot(draft.set("retries", 4), root)];
    }),
  );
}

function httpHooks(file: ConfXml, plugin: XmlElement): DraftMap[] {
  return ownPaths(file, plugin).flatMap(([path, root]) =>
    file.attributes.children(path, "deshost").flatMap((host) => {
      const url = file.attributes.required(host, "url", file.problems);
      if (url === null) return [];
      const draft = hook("http", host, "plugin http");
      draft.set("url", urlWithPort(url, host.attributes.get("port")?.trim() ?? ""));
      draft.set("format", "compat", "A form for each path.");
      return [withRoot(draft.set("retries", 0), root)];
    }),
  );
}

function urlWithPort(url: string, port: string): string {
  const full = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  const match = /^(https?:\/\/[^/:]+)(\/.*)?$/i.exec(full);
  return match === null || !/^\d{1,5}$/.test(port) ? full : `${match[1]}:${port}${match[2] ?? "/"}`;
}

function cdnHooks(file: ConfXml, plugin: XmlElement): DraftMap[] {
  const { attributes, problems } = file;
  return ownPaths(file, plugin).flatMap(([path, root]) => {
    const info = attributes.child(path, "cdninfo");
    const send = attributes.child(path, "sendurl");
    if (info === null || send === null) {
      problems.add(
        path.place,
        `<localpath> of refreshCDN has no <${info === null ? "cdninfo" : "sendurl"}>`,
      );
      return [];
    }
    const host = attributes.required(info, "domainname", problems);
    const base = attributes.required(send, "base", problems);
    if (host === null || base === null) return [];
    const draft = hook(
      "cdn",
      path,
      "plugin refreshCDN. Name and password go over the line in clear, as ChinaCache wants it.",
    );
    draft
      .set("template", "chinacache")
      .set("host", host)
      .set("port", attributes.number(info, "port", 80));
    for (const [name, attribute] of [
      ["user", "username"],
      ["password", "passwd"],
    ] as const) {
      const value: DraftValue = info.attributes.get(attribute) || null;
      draft.set(name, value);
    }
    draft.set("base", base);
    const regex = attributes.child(path, "regexurl");
    const match = regex?.attributes.get("match");
    if (regex?.attributes.get("regex") === "true" && match) draft.set("urlMatch", match);
    return [withRoot(draft.set("retries", 0), root)];
  });
}

/** The `<localpath>`s of a plugin, with their directories. */
function ownPaths(
  { attributes, problems, path }: ConfXml,
  plugin: XmlElement,
): [XmlElement, string | null][] {
  const found = attributes.children(plugin, "localpath");
  if (found.length === 0)
    problems.add(
      plugin.place,
      `<plugin name="${plugin.attributes.get("name")}"> has no <localpath>`,
    );
  return found.map((each) => {
    const watch = each.attributes.get("watch")?.trim();
    return [each, watch ? path(watch) : null];
  });
}

function withRoot(draft: DraftMap, root: string | null): DraftMap {
  return root === null
    ? draft
    : draft.set(
        "root",
        root.replace(/(?<=.)\/+$/, ""),
        "The root when it runs alone (--hooks-only).",
      );
}
