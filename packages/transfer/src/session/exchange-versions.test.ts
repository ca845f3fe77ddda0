import { expect, test } from "vitest";
import { duplexPair } from "../testing/pair.js";
import { advertisedVersion, exchangeVersions } from "./exchange-versions.js";
import { LineChannel } from "./line-channel.js";

/** The protocol that comes of our version and the bytes of a peer. */
async function answerTo(
  bytes: readonly number[],
  own = 32,
  warn: (text: string) => void = () => expect.unreachable(),
): Promise<number> {
  const [ours, theirs] = duplexPair();
  theirs.end(Buffer.from(bytes));
  theirs.resume();
  return exchangeVersions(new LineChannel(ours), own, "Server", warn);
}

test("the smaller version is spoken", async () => {
  expect(await answerTo([32, 0, 0, 0])).toBe(32);
  expect(await answerTo([33, 0, 0, 0])).toBe(32);
  expect(await answerTo([29, 0, 0, 0])).toBe(29);
  expect(await answerTo([32, 0, 0, 0], 30)).toBe(30);
});

test("what follows the version is left for the session", async () => {
  const [ours, theirs] = duplexPair();
  const channel = new LineChannel(ours);
  theirs.write(Buffer.from([31, 0, 0, 0, 7, 8]));
  expect(await exchangeVersions(channel, 32, "Client", () => {})).toBe(31);
  expect([...channel.release()]).toEqual([7, 8]);
});

test("our version is written as an int, without waiting", async () => {
  const [ours, theirs] = duplexPair();
  const pending = exchangeVersions(new LineChannel(ours), 32, "Client", () => {});
  const [chunk] = (await theirs.iterator({ destroyOnReturn: false }).next()).value as Uint8Array[];
  expect(chunk).toBe(32);
  theirs.end();
  await expect(pending).rejects.toThrow("unexpectedly closed");
});

test.each([
  ["a banner", [...Buffer.from("Welcome")]],
  ["a version of the far future", [41, 0, 0, 0]],
  ["a version of the far past", [19, 0, 0, 0]],
  ["a negative number", [255, 255, 255, 255]],
])("%s is no version: the shell is not clean", async (_, bytes) => {
  await expect(answerTo(bytes)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^protocol version mismatch -- is your shell clean\?/),
  });
});

test("a peer older than protocol 25 is told of", async () => {
  const texts: string[] = [];
  expect(await answerTo([24, 0, 0, 0], 32, (text) => texts.push(text))).toBe(24);
  expect(texts).toEqual(["Server is very old version of rsync, upgrade recommended."]);
  expect(await answerTo([25, 0, 0, 0])).toBe(25);
});

test("less than a version is an end too early", async () => {
  await expect(answerTo([32, 0, 0])).rejects.toMatchObject({ exitCode: 12 });
});

test.each([
  [".LsfxCIvu", 32],
  ["", 32],
  ["32.1LsfxCIvu", 31],
  ["31.1LsfxCIvu", 30],
  ["30.3LsfxCIvu", 29],
  ["33.4LsfxCIvu", 32],
  ["31.0LsfxCIvu", 32],
])("a client with the capabilities %j is offered %i", (capabilities, version) => {
  expect(advertisedVersion(32, capabilities)).toBe(version);
});
