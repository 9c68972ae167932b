/** The shared cache of a command, if it has one: then what is needed for it is loaded. */

import { NO_SETTINGS, readSettings, settingsFiles } from "../definition/settings_file.ts";
import type { SharedCache } from "../remote/shared_cache.ts";
import type { Store } from "../store/store.ts";
import type { CacheOptions } from "./open_shared.ts";

/**
 * Of the caches that the command names, or else the settings of the workflow at the absolute path `file`.
 *
 * @throws FlowError settings, signing-key, certificates
 */
export async function sharedCache(
  store: Store,
  file: string,
  options: CacheOptions,
): Promise<SharedCache | undefined> {
  const [settings] = settingsFiles(file).map(readSettings);
  if (options.cache === undefined && (settings?.caches ?? []).length === 0) return undefined;
  const { openShared } = await import("./open_shared.ts");
  return await openShared(store, options, settings ?? NO_SETTINGS);
}
