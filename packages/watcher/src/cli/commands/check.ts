/**
 * `check FILE`: is the configuration right, and does each target take what will be sent?
 * @module
 */
import { formatProblem } from "../../config/index.js";
import type { RootSettings, TargetSettings, WatchSettings } from "../../config/settings.js";
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import { findConfig } from "../find-config.js";
import { type TrialResult, tryTarget } from "../try-target.js";
import type { CliWorld } from "../world.js";

interface CheckedTarget extends TrialResult {
  readonly root: string;
  readonly target: string;
  readonly url: string;
}

/** Exit code 1 when anything is wrong. */
export async function check(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  const source = findConfig(line.config ?? line.operands[0] ?? null, world);
  const settings = await world.services.loadSettings(source, {
    world: world.config,
    webFromHost: line.webFromHost,
  });
  const results = line.offline ? [] : await tryAll(settings, world);
  if (line.json)
    world.out(
      JSON.stringify({
        warnings: settings.warnings,
        roots: settings.roots.map(({ name }) => name),
        targets: results,
      }),
    );
  else tell(settings, results, world);
  return results.some(({ errors }) => errors.length > 0) ? WatchExit.Usage : WatchExit.Ok;
}

async function tryAll({ roots }: WatchSettings, world: CliWorld): Promise<CheckedTarget[]> {
  const results: CheckedTarget[] = [];
  for (const root of roots) {
    for (const target of root.targets) {
      if (world.signal.aborted) return results;
      results.push(await tryOne(root, target, world));
    }
  }
  return results;
}

async function tryOne(
  root: RootSettings,
  target: TargetSettings,
  world: CliWorld,
): Promise<CheckedTarget> {
  const name = { root: root.name, target: target.name, url: target.url };
  if (!world.fileExists(root.path)) {
    return {
      ...name,
      capabilities: null,
      clockSkewSeconds: null,
      errors: [`the root ${root.path} does not exist`],
      notes: [],
    };
  }
  const createTarget = (path: string, settings: TargetSettings) =>
    world.services.createTarget(path, settings);
  return { ...name, ...(await tryTarget(root.path, target, createTarget, world.signal)) };
}

function tell(settings: WatchSettings, results: readonly CheckedTarget[], world: CliWorld): void {
  for (const warning of settings.warnings)
    world.error(formatProblem({ place: null, message: `warning: ${warning}` }));
  for (const { root, target, url, errors, notes } of results) {
    world.out(`${root} ${target} ${url}: ${errors.length === 0 ? "ok" : "wrong"}`);
    for (const error of errors) world.error(`  error: ${error}`);
    for (const note of notes) world.out(`  ${note}`);
  }
  const targets = settings.roots.reduce((sum, root) => sum + root.targets.length, 0);
  world.out(
    `${settings.roots.length} roots, ${targets} targets, ${settings.warnings.length} warnings`,
  );
}
