import { expect, test } from "vitest";
import { duplexPair } from "../testing/pair.js";
import { archiveOptions } from "../testing/sessions.js";
import { setUpSession } from "./set-up.js";

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
