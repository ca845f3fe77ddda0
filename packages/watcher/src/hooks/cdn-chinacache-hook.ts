/**
 * sersync's refreshCDN.
 * @module
 */
import { join } from "node:path";
import type { CdnHook } from "../config/settings.js";
import type { Logger } from "../log/logger.js";
import { findStale } from "./cdn-address.js";
import { refreshChinaCache } from "./chinacache.js";
import { createErrorLog } from "./error-log.js";
import type { HookRun } from "./hook-batch.js";
import type { HookContext } from "./hook-context.js";

/** Speaks as sersync did; files and directories are two requests. */
export function createChinaCacheHook(settings: CdnHook, context: HookContext): HookRun {
  const note = createErrorLog(join(context.stateDir, "errorlog.txt"));

  async function tell(whatsup: string, logger: Logger): Promise<void> {
    if (whatsup === "") return;
    logger.info("content network says", { host: settings.host, whatsup });
    await note(whatsup).catch((error: unknown) =>
      logger.warn("errorlog.txt not written", { reason: String(error) }),
    );
  }

  return async (batch, signal) => {
    const { host, port, user } = settings;
    const password =
      settings.password === null ? "" : await context.readPassword(settings.password);
    const stale = await findStale(settings, batch);
    for (const kind of ["urls", "dirs"] as const) {
      const addresses = stale
        .filter(({ isDirectory }) => isDirectory === (kind === "dirs"))
        .map(({ url }) => url);
      if (addresses.length === 0) continue;
      const request = { host, port, user, password, kind, addresses, signal };
      await tell(await refreshChinaCache(request), context.logger);
    }
  };
}
