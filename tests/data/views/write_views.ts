/** Writes a folder of views, as the kind `crop-views` makes it. */

import { join } from "node:path";
import { sampleFileName } from "../../../lib/data/data_set.ts";
import { writeImageViews } from "../../../lib/data/views/image_views.ts";
import { IMAGES_FOLDER, type ViewsIndex, writeViewsIndex } from "../../../lib/data/views/views_file.ts";

/**
 * @param folder must exist
 * @param pixels the bytes of each sample's rows
 */
export function writeViews(
  folder: string,
  index: Omit<ViewsIndex, "format">,
  pixels: Iterable<Uint8Array>,
): void {
  Deno.mkdirSync(join(folder, IMAGES_FOLDER));
  const each = pixels[Symbol.iterator]();
  for (const sample of index.samples) {
    const { value, done } = each.next();
    const bytes = sample.rows.length * index.width * index.height * 3;
    if (done || value.length !== bytes) {
      throw new Error(`${sample.name}: ${value?.length} bytes were given, expected ${bytes}`);
    }
    writeImageViews(viewsFileOf(folder, sample), value, sample);
  }
  writeViewsIndex(folder, index);
}

/** The file with an image's views. */
export function viewsFileOf(folder: string, sample: { readonly id: number; readonly name: string }): string {
  return join(folder, IMAGES_FOLDER, sampleFileName(sample));
}
