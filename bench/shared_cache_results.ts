/** Results in a shared cache, for its bench. */

import { FolderServer } from "../lib/flow/remote/folder_server.ts";
import { CACHE_LIMITS, type CacheServer } from "../lib/flow/remote/server.ts";
import { SharedCache } from "../lib/flow/remote/shared_cache.ts";
import { actionKey, manifestOf } from "../lib/flow/store/manifest.ts";
import { Store } from "../lib/flow/store/store.ts";
import type { ActionKey } from "../lib/flow/store/types.ts";

/** A cache that is read and written, and says on standard error what is wrong with it. */
export function cacheOf(store: Store, server: CacheServer): SharedCache {
  const member = {
    server,
    write: true,
    limits: CACHE_LIMITS,
    warn: (problem: string) => console.error(problem),
  };
  return new SharedCache(store, { members: [member], trusted: [] });
}

/** Publishes results with one file each, of items or of tasks, and sends them to the folder `name` below `folder`. */
export async function send(
  folder: string,
  name: string,
  count: number,
  bytesOf: (i: number) => Uint8Array,
  isItems = false,
): Promise<ActionKey[]> {
  const store = Store.open(`${folder}/${name}-store`);
  const cache = cacheOf(store, new FolderServer(`${folder}/${name}`));
  const keys: ActionKey[] = [];
  for (let i = 0; i < count; i++) {
    const work = store.workFolder("bench");
    Deno.writeFileSync(`${work}/out`, bytesOf(i));
    const code = { digest: "0", packages: {} };
    const manifest = manifestOf({
      kind: "bench",
      code,
      params: { i },
      inputs: {},
      outputs: ["out"],
      runtime: {},
      ...(isItems && { item: `item ${i}` }),
    });
    const key = actionKey(manifest);
    const facts = { started: new Date().toISOString(), ms: 1 };
    const { record } = await store.publish({ key, manifest, folder: work, facts });
    cache.offer(record!);
    keys.push(key);
  }
  await cache.finish();
  store.close();
  return keys;
}
