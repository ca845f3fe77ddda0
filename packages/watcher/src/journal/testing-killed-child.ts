/**
 * A process that writes a journal until it is killed, and tells what it did: `m path` a mark is about to be made, `c number`
 * all marks told before line `number` are written, `s path` a path is about to be settled.
 * @module
 */
import { writeSync } from "node:fs";
import { Ledger } from "../state/ledger.js";
import { Reach } from "../state/mark.js";
import { openJournal } from "./journal.js";

const [stateDir = "", root = ""] = process.argv.slice(2);
let lines = 0;

function tell(line: string): void {
  writeSync(1, `${line}\n`);
  lines++;
}

const journal = await openJournal(stateDir);
const stored = await journal.root("r", root, ["one"]);
const ledger = new Ledger(stored, ["one"]);
const target = ledger.target("one");

async function commit(): Promise<void> {
  const before = lines;
  await stored.commit();
  tell(`c ${before}`);
}

for (let turn = 0; ; turn++) {
  for (let i = 0; i < 20; i++) {
    const path = `d${Math.floor(Math.random() * 10)}/f${Math.floor(Math.random() * 100)}`;
    tell(`m ${path}`);
    ledger.mark([{ path, reach: Reach.Item }]);
  }
  if (turn % 3 === 0) void commit();
  if (turn % 4 === 0) {
    const taken = target.take({ maxPaths: 30 });
    for (const { path } of taken.entries) tell(`s ${path}`);
    target.settle(taken);
  }
  await new Promise((resolve) => setTimeout(resolve, turn % 50 === 0 ? 30 : 1));
}
