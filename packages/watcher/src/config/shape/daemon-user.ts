/**
 * `daemon.user`: whom the process becomes.
 * @module
 */
import type { ConfigNode } from "../node.js";
import type { DaemonUser } from "../settings.js";
import { TEXT } from "./scalars.js";
import { type Reader, type Shape, wrongType } from "./shape.js";

/** The highest number stands for "nobody is meant". */
const MAX_ID = 2 ** 32 - 2;

/** `NAME`, or a number, with `:GROUP` behind it if it is not the account's own. */
export const DAEMON_USER: Shape<DaemonUser> = {
  label: "name or number of a user, with `:GROUP` behind it if need be",
  schema: { type: ["string", "integer"], minimum: 0 },
  read(node, reader) {
    const text = textOf(node, reader);
    if (text === undefined) return undefined;
    const [, user, group] = /^([^:]+)(?::([^:]+))?$/.exec(text) ?? [];
    if (user === undefined) return wrongType(node, "a user, or user:group", reader);
    return findUser(text, user, group, node, reader);
  },
  show: ({ text }) => JSON.stringify(text),
};

/** A number need not be in quotes here. */
function textOf(node: ConfigNode, reader: Reader): string | undefined {
  const isNumber = node.kind === "scalar" && Number.isSafeInteger(node.value);
  return isNumber ? node.text : TEXT.read(node, reader);
}

function findUser(
  text: string,
  user: string,
  group: string | undefined,
  node: ConfigNode,
  { problems, accounts }: Reader,
): DaemonUser | undefined {
  const complain = (message: string): undefined => void problems.add(node.place, message);
  const account = accounts.findAccount(user);
  const uid = account?.uid ?? idFrom(user);
  if (uid === null) return complain(`there is no user ${JSON.stringify(user)}`);
  if (group === undefined && account === null)
    return complain(`the user ${user} has no account: expected its group as well, ${user}:GROUP`);
  const gid = group === undefined ? account!.gid : (idFrom(group) ?? accounts.findGroup(group));
  if (gid === null) return complain(`there is no group ${JSON.stringify(group)}`);
  return { text, name: account?.name ?? null, uid, gid, hasGroup: group !== undefined };
}

function idFrom(text: string): number | null {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : MAX_ID + 1;
  return id <= MAX_ID ? id : null;
}
