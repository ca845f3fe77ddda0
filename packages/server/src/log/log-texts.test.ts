import { expect, test } from "vitest";
import * as texts from "./log-texts.js";

const peer = { hostName: "host.example", address: "192.0.2.7" };
const PEER = "host.example (192.0.2.7)";

test.each([
  [texts.startingText("3.5.0", 873), "rsyncd version 3.5.0 starting, listening on port 873"],
  [texts.connectText(peer), `connect from ${PEER}`],
  [texts.moduleListText(peer), `module-list request from ${PEER}`],
  [texts.unknownModuleText("nosuch", peer), `unknown module 'nosuch' tried from ${PEER}`],
  [texts.accessDeniedText("pub", peer), `rsync denied on module pub from ${PEER}`],
  [texts.accessAllowedText("pub", peer), `rsync allowed access on module pub from ${PEER}`],
  [
    texts.requestText("pub/dir/", { isSender: true, user: "", peer }),
    `rsync on pub/dir/ from ${PEER}`,
  ],
  [
    texts.requestText("up/", { isSender: false, user: "joe", peer }),
    `rsync to up/ from joe@${PEER}`,
  ],
  [
    texts.proxyRejectedText({ hostName: "UNDETERMINED", address: "192.0.2.10" }),
    "proxy protocol rejected from untrusted peer UNDETERMINED (192.0.2.10)",
  ],
])("%s", (text, sample) => expect(text).toBe(sample));
