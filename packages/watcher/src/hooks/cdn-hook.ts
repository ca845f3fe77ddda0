/**
 * Hooks that tell a content network which addresses are stale.
 * @module
 */
import type { CdnHook, HookSettings } from "../config/settings.js";
import { createChinaCacheHook } from "./cdn-chinacache-hook.js";
import { createCdnTemplateHook } from "./cdn-template-hook.js";
import type { HookRun } from "./hook-batch.js";
import type { HookContext } from "./hook-context.js";

/** A hook of this kind. */
export function createCdnHook(settings: HookSettings & CdnHook, context: HookContext): HookRun {
  return settings.template === "chinacache"
    ? createChinaCacheHook(settings, context)
    : createCdnTemplateHook(settings, context);
}
