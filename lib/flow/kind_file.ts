/** Where the module of a kind is. */

import { join } from "node:path";

/** The file of a kind in the folder of kinds: `crop-views` is in `crop_views.ts`. */
export function kindFile(name: string, folder: string): string {
  return join(folder, `${name.replaceAll("-", "_")}.ts`);
}
