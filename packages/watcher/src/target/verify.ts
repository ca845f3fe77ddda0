/**
 * What a dry run with checksums tells of a target, as differences (spec 6, 3.6).
 * @module
 */
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TransferObserver } from "@tsrsync/transfer";
import { changeText } from "tsrsync";
import type { Hides, TargetDifference } from "./target.js";

/** Collects differences while a run tells of them. */
export class DifferenceCollector {
  readonly differences: TargetDifference[] = [];
  readonly observer: TransferObserver;

  /** @param isIgnored says what is none of the mirror's at the target */
  constructor(isIgnored: Hides) {
    this.observer = {
      item: (event) => {
        const kind = kindOf(event.flags);
        if (kind === null) return;
        this.differences.push({ path: pathOf(event.entry.name), kind, change: changeText(event) });
      },
      deleted: ({ path: name, isDirectory }) => {
        const path = pathOf(name);
        if (isIgnored(path, isDirectory)) return;
        this.differences.push({ path, kind: "extra", change: "*deleting" });
      },
    };
  }
}

const ATTRIBUTES =
  ItemFlag.ReportTime |
  ItemFlag.ReportPerms |
  ItemFlag.ReportOwner |
  ItemFlag.ReportGroup |
  ItemFlag.ReportAcl |
  ItemFlag.ReportXattr |
  ItemFlag.ReportSize |
  ItemFlag.ReportChange;

function kindOf(flags: number): TargetDifference["kind"] | null {
  if (flags & ItemFlag.IsNew) return "missing";
  if (flags & (ItemFlag.Transfer | ItemFlag.LocalChange)) return "contents";
  return flags & ATTRIBUTES ? "attributes" : null;
}

function pathOf(name: ByteString): ByteString {
  return name === "." ? "" : name;
}
