/** Files that are removed while a process has them open: NFS keeps them in their folder under another name until then. */
import { readFolder } from "../../system/read_folder.ts";

/** Such as `.nfs00000000000a3f5100000007`: a word for the file and a number, in hex digits. */
export function isHeldOpen(name: string): boolean {
  return /^\.nfs[0-9a-f]{12,32}$/.test(name);
}

/**
 * Removes all that a folder holds but such files, which go by themselves.
 *
 * @returns whether there were some, so that the folder stays
 * @throws what the system refuses
 */
export function removeAround(folder: string): boolean {
  let stays = false;
  for (const { name, isDirectory } of readFolder(folder)) {
    const path = `${folder}/${name}`;
    if (isHeldOpen(name)) stays = true;
    else if (isDirectory && removeAround(path)) stays = true;
    else Deno.removeSync(path);
  }
  return stays;
}
