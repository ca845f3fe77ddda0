/**
 * Checks between keys: what would go round in circles, or delete what another root brings.
 * @module
 */
import type { ConfigNode } from "../node.js";
import type { Place } from "../problem.js";
import type { RootSettings, TargetSettings, WatchSettings } from "../settings.js";
import type { Reader } from "../shape/shape.js";
import { parseTargetUrl, type TargetUrl } from "../target-url.js";
import type { ConfigWorld } from "./world.js";

/** One root pushed to one place. */
interface Route {
  readonly root: RootSettings;
  readonly target: TargetSettings;
  readonly url: TargetUrl;
  readonly place: Place | null;
}

/** Notes problems and warnings of settings that are right key by key. */
export function checkSettings(
  settings: WatchSettings,
  rootNodes: readonly ConfigNode[],
  reader: Reader,
  world: Pick<ConfigWorld, "hostname">,
): void {
  if (settings.roots.length === 0) reader.problems.add(null, "there are no roots to mirror");
  const places = rootNodes.map(({ place }) => place);
  for (const [index, root] of settings.roots.entries())
    checkRoot(root, settings, places[index] ?? null, reader);
  const routes = settings.roots.flatMap((root, index) =>
    root.targets.map((target): Route => {
      return {
        root,
        target,
        url: parseTargetUrl(target.url) as TargetUrl,
        place: places[index] ?? null,
      };
    }),
  );
  for (const route of routes) checkLoop(route, settings.roots, reader, world);
  checkCollisions(routes, reader);
}

function checkRoot(
  root: RootSettings,
  { daemon, log }: WatchSettings,
  place: Place | null,
  reader: Reader,
): void {
  const { problems } = reader;
  if (contains(root.path, daemon.stateDir)) {
    problems.add(
      place,
      `the root ${root.path} contains the state directory ${daemon.stateDir}: it would mirror its own journal for ever`,
    );
  }
  if (log.file !== null && contains(root.path, log.file)) {
    problems.add(
      place,
      `the root ${root.path} contains the log file ${log.file}: each line would cause the next`,
    );
  }
  for (const { failLog, name } of root.targets) {
    if (contains(root.path, failLog.path)) {
      problems.add(
        place,
        `the root ${root.path} contains the failure log ${failLog.path} of target ${name}`,
      );
    }
  }
  for (const hook of root.hooks) {
    for (const name of hook.targets) {
      if (!root.targets.some((target) => target.name === name)) {
        problems.add(
          place,
          `a hook of root ${root.name} names the target "${name}", which the root does not have`,
        );
      }
    }
  }
  for (const { name, rsync } of root.targets) {
    if (rsync.options.some((word) => word === "--update" || /^-[^-]*u/.test(word))) {
      reader.warnings.push(
        `root ${root.name}, target ${name}: with -u a newer file in the target stays, also when an older one was put back at the source. That is not a mirror`,
      );
    }
  }
}

/** A target on this machine whose directory has a root in it would push what it pushed. */
function checkLoop(
  { url, target, place }: Route,
  roots: readonly RootSettings[],
  reader: Reader,
  world: Pick<ConfigWorld, "hostname">,
): void {
  if (url.scheme !== "ssh" || !isThisMachine(url.host, world.hostname)) return;
  for (const { path } of roots) {
    if (contains(url.path, path) || contains(path, url.path)) {
      reader.problems.add(
        place,
        `the target ${target.url} and the root ${path} lie in each other on this machine`,
      );
    }
  }
}

function isThisMachine(host: string, hostname: string): boolean {
  const name = host.toLowerCase();
  return (
    name === "localhost" || name === "::1" || /^127\./.test(name) || name === hostname.toLowerCase()
  );
}

function checkCollisions(routes: readonly Route[], reader: Reader): void {
  const byPlace = new Map<string, Route>();
  const byHost = new Map<string, Route[]>();
  for (const route of routes) {
    const key = placeKey(route.url);
    const other = byPlace.get(key);
    if (other !== undefined) {
      const what =
        other.root === route.root
          ? "twice"
          : `by the roots ${other.root.name} and ${route.root.name}`;
      reader.problems.add(route.place, `${route.target.url} is pushed to ${what}`);
    }
    byPlace.set(key, route);
    const host = hostKey(route.url);
    byHost.set(host, [...(byHost.get(host) ?? []), route]);
  }
  for (const [, same] of byHost) checkNested(same, byPlace, reader);
}

/** A root that is pushed into the directory of another one's target would be deleted there. */
function checkNested(
  routes: readonly Route[],
  byPlace: ReadonlyMap<string, Route>,
  reader: Reader,
): void {
  for (const route of routes) {
    const parts = route.url.path.split("/");
    for (let length = parts.length - 1; length > 0; length--) {
      const outer = byPlace.get(
        placeKey({ ...route.url, path: parts.slice(0, length).join("/") || "/" }),
      );
      if (outer === undefined || outer.root === route.root) continue;
      const below = `/${parts.slice(length).join("/")}`;
      if (isKept(outer, below)) continue;
      reader.problems.add(
        route.place,
        `${route.target.url} lies in ${outer.target.url}, from where root ${outer.root.name} deletes it: add "${below}" to filter.protect of ${outer.root.name}`,
      );
    }
  }
}

function isKept({ target }: Route, below: string): boolean {
  return (
    target.delete.mode === "never" ||
    target.filter.protect.some((pattern) => pattern.replace(/(\/|\/?\*\*\*?)$/, "") === below)
  );
}

function hostKey({ scheme, host, port }: TargetUrl): string {
  return `${scheme} ${host.toLowerCase()} ${port ?? ""}`;
}

function placeKey(url: TargetUrl): string {
  return `${hostKey({ ...url, port: url.port ?? (url.scheme === "rsync" ? 873 : 22) })} ${url.path}`;
}

/** Whether `inner` is `outer` or lies in it. */
export function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}
