/**
 * Extended attributes and ACLs of whole trees, set and compared by tests.
 */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { encodePosixAcl } from "@tsrsync/protocol/attributes";
import type { AclEntry } from "@tsrsync/protocol/file-list";
import { openTree } from "@tsrsync/transfer";
import { attributes } from "./attributes.js";

const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, "latin1"));

/** Sets attributes of an item, links included; `null` removes one. */
export function setAttributes(
  root: string,
  path: string,
  values: Record<string, string | Uint8Array | null>,
): void {
  const tree = openTree(root, { followLinks: false });
  for (const [name, value] of Object.entries(values)) {
    if (value === null) tree.removeAttribute(path, name);
    else tree.setAttribute(path, name, typeof value === "string" ? text(value) : value);
  }
  tree.close();
}

/** An ACL as the kernel keeps it, from what `setfacl` would be told: `u::6,u:1:6,g::4,m::6,o::0`. */
export function acl(short: string): Uint8Array {
  const plain = { user: 0, group: 0, mask: -1, other: 0 };
  const named: AclEntry[] = [];
  for (const item of short.split(",")) {
    const [kind, id, permissions] = item.split(":") as [string, string, string];
    const isUser = kind === "u";
    if (id !== "") named.push({ id: Number(id), isUser, permissions: +permissions, name: null });
    else if (isUser) plain.user = +permissions;
    else if (kind === "g") plain.group = +permissions;
    else if (kind === "m") plain.mask = +permissions;
    else plain.other = +permissions;
  }
  return encodePosixAcl({ ...plain, named });
}

/** What `attributes` tells of each item, its content or target, and all its extended attributes. */
export function extended(root: string): Record<string, string[]> {
  const tree = openTree(root, { followLinks: false });
  const found: Record<string, string[]> = {};
  for (const [name, plain] of Object.entries(attributes(root))) {
    const path = name.replace(/^\.\/?/, "");
    const values = tree
      .listAttributes(path)
      .sort()
      .map((each) => `${each}=${Buffer.from(tree.getAttribute(path, each)!).toString("latin1")}`);
    found[name] = [plain, contentOf(`${root}/${name}`), ...values];
  }
  tree.close();
  return found;
}

function contentOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() ? readFileSync(path, "latin1") : "";
}
