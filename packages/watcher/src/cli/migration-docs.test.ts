import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { convertConfig, loadSettings, systemWorld } from "../config/index.js";
import { HELP } from "./help.js";
import { main } from "./main.js";

const docs = (name: string) =>
  readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), "utf8");

interface Block {
  /** What follows the backquotes: `sh run`, `xml file=confxml.xml`. */
  readonly info: string;
  readonly text: string;
}

/** Fenced blocks, with the indentation of the list that they stand in taken off. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^( *)```([^\n`]+)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent, info, text]) => ({
      info: info!,
      text: text!.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

/** Runs a page: writes its files, runs its commands, compares what they print. Returns how many ran. */
async function runPage(name: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "tsrsync-docs-"));
  // Passwords of the examples are somewhere on a real machine.
  const secret = join(directory, "secret");
  writeFileSync(secret, "secret\n", { mode: 0o600 });
  const localized = (text: string) => text.replaceAll(/\/etc\/(rsync\.pas|lsyncd\.pass)/g, secret);
  let ran = 0;
  let last = "";
  try {
    for (const { info, text } of blocksOf(docs(name))) {
      const file = /^\w+ file=(\S+)$/.exec(info)?.[1];
      const part = /^\w+ part=(\S+)$/.exec(info)?.[1];
      if (file !== undefined) writeFileSync(join(directory, file), localized(text));
      else if (part !== undefined)
        expect(readFileSync(join(directory, part), "utf8")).toContain(localized(text));
      else if (info === "text output") expect(last).toBe(text.trimEnd());
      else if (info === "sh run") {
        for (const line of text.trim().split("\n")) {
          last = await runLine(line, directory);
          ran++;
        }
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return ran;
}

/** One line of a shell: words without quotes, and where the output goes. */
async function runLine(line: string, directory: string): Promise<string> {
  const [program, ...words] = line.split(" ");
  expect(program).toMatch(/^tsrsync-(watch|sersync)$/);
  const redirection = words.indexOf(">");
  const out: string[] = [];
  const errors: string[] = [];
  const unexpected = () => Promise.reject(new Error(`${line}: needs a mirror`));
  const code = await main(
    {
      words: redirection < 0 ? words : words.slice(0, redirection),
      config: { ...systemWorld({}), directory },
      signal: new AbortController().signal,
      services: {
        loadSettings: async (source, options) => loadSettings(source, options),
        convertConfig: async (files, options) => convertConfig(files, options),
        ...{ connectControl: unexpected, createTarget: unexpected, machineFacts: unexpected },
        ...{ runMirror: unexpected, startDaemon: unexpected },
      },
      fileExists: () => true,
      out: (text) => out.push(text),
      error: (text) => errors.push(text),
    },
    "0",
  );
  expect(code, errors.join("\n")).toBe(0);
  if (redirection >= 0)
    writeFileSync(join(directory, words[redirection + 1]!), `${out.join("\n")}\n`);
  return out.join("\n");
}

test.each([
  ["coming-from-sersync.md", 3],
  ["coming-from-inotify-scripts.md", 5],
  ["coming-from-lsyncd.md", 1],
])("what %s says can be done as it says", async (name, count) => {
  expect(await runPage(name)).toBe(count);
});

test("the page of the commands has the text of --help", () => {
  expect(docs("tsrsync-watch.md")).toContain(`\`\`\`text\n${HELP}\n\`\`\``);
});
