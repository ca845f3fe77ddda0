/**
 * `doctor`: what could be better on this machine, with the reason. It changes nothing.
 * @module
 */
import type { WatchSettings } from "../../config/settings.js";
import { parseTargetUrl } from "../../config/target-url.js";
import type { CommandLine } from "../command-line.js";
import type { MachineFacts } from "../doctor-facts.js";
import { WatchExit } from "../exit-code.js";
import { findConfig } from "../find-config.js";
import type { CliWorld } from "../world.js";

/** One line of the report. */
export interface Finding {
  readonly level: "ok" | "better" | "wrong";
  readonly text: string;
  /** What to do, or nothing. */
  readonly advice: readonly string[];
}

export async function doctor(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  const settings = await settingsIfAny(line, world);
  const stateDir = line.stateDir ?? settings?.daemon.stateDir ?? "/var/lib/tsrsync/watch";
  const facts = await world.services.machineFacts(settings?.roots ?? [], stateDir);
  const findings = diagnose(facts, settings);
  for (const { level, text, advice } of findings) {
    world.out(`${level.padEnd(6)}  ${text}`);
    for (const each of advice) world.out(`        ${each}`);
  }
  return findings.some(({ level }) => level === "wrong") ? WatchExit.NotInSync : WatchExit.Ok;
}

/** The machine can be looked at without a configuration, too. */
async function settingsIfAny(line: CommandLine, world: CliWorld): Promise<WatchSettings | null> {
  const given = line.config ?? line.operands[0] ?? null;
  try {
    return await world.services.loadSettings(findConfig(given, world), { world: world.config });
  } catch (error) {
    if (given !== null) throw error;
    world.error(`note: without a configuration: ${(error as Error).message}`);
    return null;
  }
}

/** What the facts mean. */
export function diagnose(facts: MachineFacts, settings: WatchSettings | null): Finding[] {
  return [
    ...systemFindings(facts),
    ...facts.roots.map(rootFinding),
    ...kernelFindings(facts),
    stateDirFinding(facts),
    ...(settings === null ? [] : daemonFindings(settings)),
  ];
}

function systemFindings({ platform, nodeVersion, hasKoffi, userId }: MachineFacts): Finding[] {
  const findings: Finding[] = [
    { level: "ok", text: `Node ${nodeVersion} on ${platform}`, advice: [] },
  ];
  if (hasKoffi)
    findings.push({ level: "ok", text: "koffi is there: the kernel tells changes", advice: [] });
  else {
    findings.push({
      level: "wrong",
      text: "koffi can not be loaded: changes are found by looking at everything in intervals",
      advice: ["npm install koffi"],
    });
  }
  if (platform !== "linux") {
    findings.push({
      level: "better",
      text: `${platform} has no inotify: changes are found by looking in intervals`,
      advice: [],
    });
  }
  if (userId !== 0) {
    findings.push({
      level: "better",
      text: `runs as user ${userId}: files of others may be unreadable, and owners can not be read from all of them`,
      advice: ["systemd: AmbientCapabilities=CAP_DAC_READ_SEARCH"],
    });
  }
  return findings;
}

function rootFinding({ name, path, directories, error }: MachineFacts["roots"][number]): Finding {
  if (error !== null) return { level: "wrong", text: `root ${name} ${path}: ${error}`, advice: [] };
  return { level: "ok", text: `root ${name} ${path}: ${directories} directories`, advice: [] };
}

const LEAST_WATCHES = 524_288;
const LEAST_INSTANCES = 1024;
const LEAST_QUEUE = 327_679;
const LEAST_FILES = 4096;

function kernelFindings(facts: MachineFacts): Finding[] {
  const directories = facts.roots.reduce((sum, root) => sum + root.directories, 0);
  const watches = Math.max(LEAST_WATCHES, Math.ceil(directories * 1.5));
  return [
    sysctl(
      "fs.inotify.max_user_watches",
      facts.maxUserWatches,
      watches,
      directories,
      `one watch for each of ${directories} directories, and half as many to spare; above the limit directories are polled`,
    ),
    sysctl(
      "fs.inotify.max_user_instances",
      facts.maxUserInstances,
      LEAST_INSTANCES,
      8,
      "one instance for each root and for each 100,000 directories of it, shared with all programs of the user",
    ),
    sysctl(
      "fs.inotify.max_queued_events",
      facts.maxQueuedEvents,
      LEAST_QUEUE,
      0,
      "bursts of changes wait in the queue; when it is full a part of the tree is walked again",
    ),
    ...(facts.openFiles === null ? [] : [openFilesFinding(facts.openFiles)]),
  ].filter((finding) => finding !== null);
}

/** Below `needed` it does not work well, below `good` there is nothing to spare. */
function sysctl(
  name: string,
  value: number | null,
  good: number,
  needed: number,
  why: string,
): Finding | null {
  if (value === null) return null;
  if (value >= good) return { level: "ok", text: `${name} = ${value}`, advice: [] };
  return {
    level: value < needed ? "wrong" : "better",
    text: `${name} = ${value}: ${why}`,
    advice: [
      `sysctl -w ${name}=${good}`,
      `echo '${name} = ${good}' > /etc/sysctl.d/60-tsrsync-${name.split(".").at(-1)!.replaceAll("_", "-")}.conf`,
    ],
  };
}

function openFilesFinding(limit: number): Finding {
  if (limit >= LEAST_FILES)
    return { level: "ok", text: `open files: at most ${limit}`, advice: [] };
  return {
    level: "better",
    text: `open files: at most ${limit}: each connection and each file that is sent needs one`,
    advice: ["systemd: LimitNOFILE=204800", "shell: ulimit -n 65536"],
  };
}

function stateDirFinding({ stateDir: { path, exists, writable, mode } }: MachineFacts): Finding {
  if (!writable)
    return {
      level: "wrong",
      text: `state directory ${path}: can not be written to`,
      advice: [`install -d -m 700 ${path}`],
    };
  if (!exists) return { level: "ok", text: `state directory ${path}: will be made`, advice: [] };
  if (mode !== null && (mode & 0o077) !== 0) {
    return {
      level: "better",
      text: `state directory ${path}: others can look into it (mode ${mode.toString(8)})`,
      advice: [`chmod 700 ${path}`],
    };
  }
  return { level: "ok", text: `state directory ${path}`, advice: [] };
}

/** What the daemons at the other end should have; it can not be seen from here. */
function daemonFindings({ roots, daemon }: WatchSettings): Finding[] {
  const hosts = new Map<string, number>();
  for (const { targets } of roots) {
    for (const { url } of targets) {
      const parsed = parseTargetUrl(url);
      if (typeof parsed === "string" || parsed.scheme !== "rsync") continue;
      hosts.set(parsed.host, (hosts.get(parsed.host) ?? 0) + 1);
    }
  }
  if (hosts.size === 0) return [];
  const most = Math.max(...hosts.values());
  const connections = Math.max(4, Math.min(most, daemon.workers) * 2);
  return [
    {
      level: "ok",
      text: `for the rsyncd.conf of ${[...hosts.keys()].slice(0, 5).join(", ")}${hosts.size > 5 ? ", ..." : ""}:`,
      advice: [
        "socket options = TCP_NODELAY   # else each push waits 80 ms or more for delayed acknowledgements",
        `max connections = ${connections}             # at least two for each mirror that pushes there; 0 for no limit`,
        "reverse lookup = no            # else each connection waits for the name server",
        "timeout = 120                  # or more; a spare connection may be silent for connect.keepAlive",
        "refuse options =               # without delete, or nothing is deleted there",
        "clocks at both ends synchronised: times are compared",
      ],
    },
  ];
}
