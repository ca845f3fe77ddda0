/**
 * Logins of the web address: lines `user:$scrypt$ln=15,r=8,p=1$SALT$HASH`, both in base 64 without padding.
 * @module
 */
import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

const LINE = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const MAX_MEMORY = 256 * 1024 * 1024;
const MAX_REMEMBERED = 100;
/** Attempts that are worked on at once: each takes 32 megabytes and a tenth of a second. */
const MAX_ATTEMPTS = 4;

interface Login {
  cost: number;
  blockSize: number;
  parallelization: number;
  salt: Buffer;
  hash: Buffer;
}

/** Tells who may come in. */
export interface Logins {
  /** Whether the value of an `Authorization` header names a user and the right password. */
  accepts(header: string | undefined): Promise<boolean>;
}

const unpadded = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString("base64").replace(/=+$/, "");

/** A line for a user. */
export async function createLoginLine(user: string, password: string): Promise<string> {
  if (/[:\s]/.test(user) || user === "") throw new RangeError("user: expected no colon or space");
  const salt = randomBytes(16);
  const options = { N: 2 ** 15, r: 8, p: 1, maxmem: MAX_MEMORY };
  const hash = await derive(password, salt, 32, options);
  return `${user}:$scrypt$ln=15,r=8,p=1$${unpadded(salt)}$${unpadded(hash)}`;
}

function parseLogin(user: string, text: string): Login {
  if (/^\$2[aby]?\$/.test(text)) {
    throw new RangeError(`web.auth.users: ${user}: bcrypt is not offered, make a line with scrypt`);
  }
  const [, ln, r, p, salt = "", hash = ""] = LINE.exec(text) ?? [];
  const [cost, blockSize] = [2 ** Number(ln), Number(r)];
  const isSane = Number(ln) >= 10 && blockSize >= 1 && 128 * cost * blockSize < MAX_MEMORY;
  if (!isSane || !(Number(p) >= 1)) {
    throw new RangeError(`web.auth.users: ${user}: expected $scrypt$ln=N,r=N,p=N$SALT$HASH`);
  }
  return {
    cost,
    blockSize,
    parallelization: Number(p),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}

function parseLines(lines: readonly string[]): Map<string, Login> {
  const logins = new Map<string, Login>();
  for (const line of lines.map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    if (colon < 1) throw new RangeError("web.auth.users: expected lines user:hash");
    const user = line.slice(0, colon);
    logins.set(user, parseLogin(user, line.slice(colon + 1)));
  }
  return logins;
}

async function fits(login: Login, password: string): Promise<boolean> {
  const { cost: N, blockSize: r, parallelization: p, salt, hash } = login;
  const found = await derive(password, salt, hash.length, { N, r, p, maxmem: 2 * MAX_MEMORY });
  return timingSafeEqual(found, hash);
}

/**
 * Reads the lines. Empty ones and those that begin with `#` are skipped.
 * @throws RangeError for lines of another kind
 */
export function createLogins(lines: readonly string[]): Logins {
  const logins = parseLines(lines);
  const [someone] = logins.values();
  if (someone === undefined) throw new RangeError("web.auth.users: expected at least one line");
  // What was right once is known by its digest: a monitor asks every few seconds. The key keeps the digests of no use elsewhere.
  const remembered = new Set<string>();
  const key = randomBytes(16);
  let attempts = 0;

  async function check(user: string, password: string): Promise<boolean> {
    if (attempts >= MAX_ATTEMPTS) return false;
    attempts++;
    try {
      const login = logins.get(user);
      // An unknown user takes as long as a wrong password.
      const isRight = await fits(login ?? someone!, password);
      return isRight && login !== undefined;
    } finally {
      attempts--;
    }
  }

  return {
    async accepts(header) {
      const encoded = /^Basic ([A-Za-z0-9+/=]{1,1000})$/i.exec(header ?? "")?.[1];
      if (encoded === undefined) return false;
      const digest = createHash("sha256").update(key).update(encoded).digest("base64");
      if (remembered.has(digest)) return true;
      const text = Buffer.from(encoded, "base64").toString("utf8");
      const colon = text.indexOf(":");
      if (colon < 1 || !(await check(text.slice(0, colon), text.slice(colon + 1)))) return false;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.add(digest);
      return true;
    },
  };
}
