/** The photographs that a command line names: files, and all in folders. */

import { basename, join, relative } from "node:path";
import { FlowError } from "../flow/errors.ts";
import { messageOf } from "../flow/failure.ts";
import { userPath } from "../flow/user_path.ts";
import { readFolder } from "../system/read_folder.ts";

/** A photograph by its file, and how it is called. */
export interface Photograph {
  readonly path: string;
  readonly name: string;
}

const IMAGE = /\.(jpe?g|png)$/i;

/** @throws {FlowError} no-photo where there is nothing, or a folder has no JPEG or PNG in it. */
export function photographsAt(given: readonly string[]): Photograph[] {
  return given.flatMap((name) => {
    const path = userPath(name);
    let info: Deno.FileInfo;
    try {
      info = Deno.statSync(path);
    } catch (error) {
      throw new FlowError("no-photo", `the photograph ${name} can't be read: ${messageOf(error)}`);
    }
    if (!info.isDirectory) return [{ path, name: basename(path) }];
    const found = imagesBelow(path).map((file) => ({ path: file, name: relative(path, file) }));
    if (found.length > 0) return found;
    throw new FlowError(
      "no-photo",
      `the folder ${name} has no photographs: expected files .jpg, .jpeg or .png`,
    );
  });
}

function imagesBelow(folder: string): string[] {
  const entries = readFolder(folder).toSorted((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return imagesBelow(path);
    return IMAGE.test(name) ? [path] : [];
  });
}
