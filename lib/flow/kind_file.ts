/** Where the module of a kind is. */

import { join } from "node:path";
import { own } from "./own.ts";

/**
 * The file of a kind in the folder of kinds: `crop-views` is in `crop_views.ts`.
 *
 * @param ownKinds files by kind, for those that are elsewhere
 */
export function kindFile(
  name: string,
  folder: string,
  ownKinds: Readonly<Record<string, string>> = {},
): string {
  return own(ownKinds, name) ?? join(folder, `${name.replaceAll("-", "_")}.ts`);
}
