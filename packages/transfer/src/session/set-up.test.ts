import { expect, test } from "vitest";
import { duplexPair } from "../testing/pair.js";
import { archiveOptions } from "../testing/sessions.js";
import { algorithmListsOf, offerAhead } from "./algorithms.js";
import { negotiatesAlgorithms, setUpSession } from "./set-up.js";

test("a client that says nothing in the set-up is given up after the session's timeout", async () => {
  const [serverEnd, clientEnd] = duplexPair();
  clientEnd.resume();
  const startMs = performance.now();
  const setUp = setUpSession({
    stream: serverEnd,
    initialBytes: new Uint8Array(0),
    protocol: 31,
    capabilities: ".LsfxCIvu", // it is to send a list of checksums
    isServer: true,
    isSender: true,
    options: { ...archiveOptions(), timeout: 1 },
    observer: {},
  });
  await expect(setUp).rejects.toMatchObject({
    exitCode: 30,
    message: "io timeout after 1 seconds -- exiting",
  });
  expect(performance.now() - startMs).toBeGreaterThan(900);
});

/** Both sides of a set-up, whose server is called with what a client of `capabilities` says. */
async function setUpBoth(capabilities: string, offersAhead: boolean) {
  const [serverEnd, clientEnd] = duplexPair();
  const common = {
    initialBytes: new Uint8Array(0),
    protocol: 31,
    capabilities,
    options: archiveOptions(),
    observer: {},
  };
  const server = setUpSession({ ...common, stream: serverEnd, isServer: true, isSender: false });
  server.catch(() => {});
  const offer = offerAhead(common.protocol, common.options, algorithmListsOf({}));
  if (offersAhead) clientEnd.write(offer.bytes);
  return setUpSession({
    ...common,
    stream: clientEnd,
    isServer: false,
    isSender: true,
    offered: offersAhead ? offer.lists : null,
  }).finally(() => serverEnd.destroy());
}

test("who knows that the peer negotiates comes to the same end as who waits for it", async () => {
  const waiting = await setUpBoth(".LsfxCIvu", false);
  const knowing = await setUpBoth(".LsfxCIvu", true);
  expect(knowing.compatFlags).toBe(waiting.compatFlags);
  expect([waiting.strong.name, knowing.strong.name]).toEqual(["xxh128", "xxh128"]);
});

test("a peer that negotiates no more is noticed", async () => {
  const { compatFlags, strong } = await setUpBoth(".LsfxCIu", true);
  expect(negotiatesAlgorithms(compatFlags)).toBe(false);
  expect(strong.name).toBe("md5");
});
