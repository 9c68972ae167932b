/** CUB-200-2011 (Wah et al., 2011), and every data set in its layout. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "../vision/masks/boxes.ts";
import { type AnnotationRow, readRows } from "./annotation_rows.ts";
import type { DataSet, PartPoint, Split } from "./data_set.ts";
import { DataSetError } from "./data_set_error.ts";
import { ImageFileError, ImageFolder, imageSize, requireBoxInImage } from "./image_files.ts";

export interface Cub200Options {
  /** The folder of object masks, `<class>/<stem>.png`; without it, `segmentations` of the root where there is one. */
  readonly segmentations?: string;
}

/**
 * Reads the data set whose `images.txt` lies in `root`, as the archive is unpacked. Ids and labels count from 0
 * (the files count from 1), part ids stay as they are. A box is truncated as in the reference implementation:
 * [⌊x⌋, ⌊y⌋, ⌊x + w⌋, ⌊y + h⌋]. Masks of the parts, which CUB itself lacks, are `parts/masks/<class>/<stem>.png`.
 *
 * @throws {DataSetError} for the first fault: nothing is skipped.
 */
export function readCub200(root: string, options: Cub200Options = {}): DataSet {
  const images = readById(root, "images.txt", ["image id", "path"], (row) => row);
  const classes = readClasses(root);
  const labels = readFor(images, root, "image_class_labels.txt", ["image id", "class id"], (row) => {
    const label = row.integer(1, "class id", 1) - 1;
    if (label >= classes.length) {
      throw row.error(`class ${label + 1} is unknown; classes.txt names ${classes.length} classes`);
    }
    return { row, label };
  });
  const splits = readFor(
    images,
    root,
    "train_test_split.txt",
    ["image id", "is training"],
    (row): Split => row.flag(1, "mark of training images") ? "train" : "test",
  );
  const boxes = readFor(
    images,
    root,
    "bounding_boxes.txt",
    ["image id", "x", "y", "width", "height"],
    readBox,
  );
  const partNames = new Map(
    readById(root, join("parts", "parts.txt"), ["part id", "name…"], (row) => row.fields[1]),
  );
  const parts = readParts(images, partNames, root);
  const folder = new ImageFolder(root);
  const masks = options.segmentations ??
    (existsSync(join(root, "segmentations")) ? join(root, "segmentations") : undefined);
  const maskFolder = masks === undefined ? undefined : new ImageFolder(masks);
  const hasPartMasks = existsSync(join(root, "parts", "masks"));
  const names = new Set<string>();
  const samples = [...images].map(([id, row]) => {
    const name = row.fields[1];
    if (names.has(name)) throw row.error(`the image "${name}" is named twice`);
    names.add(name);
    const path = at(row, () => folder.find("images", name));
    const { row: labelRow, label } = labels.get(id)!;
    if (name.split("/")[0] !== classes[label]) {
      throw labelRow.error(`image ${id} has the class "${classes[label]}", but lies at "${name}"`);
    }
    const { row: boxRow, box } = boxes.get(id)!;
    const size = at(row, () => imageSize(path));
    at(boxRow, () => requireBoxInImage(box, size));
    const png = name.replace(/\.[^.]*$/, ".png");
    return {
      id: id - 1,
      name,
      path,
      label,
      split: splits.get(id)!,
      box,
      parts: parts.get(id)!,
      ...(maskFolder && { segmentation: at(row, () => maskFolder.find("", png)) }),
      ...(hasPartMasks && { partMask: at(row, () => folder.find(join("parts", "masks"), png)) }),
    };
  });
  return { classes, partNames, samples };
}

function readClasses(root: string): string[] {
  const names = readById(root, "classes.txt", ["class id", "name"], (row) => row);
  return [...names].map(([id, row], i) => {
    if (id !== i + 1) throw row.error(`class ids must count up from 1, but ${id} stands in place ${i + 1}`);
    return row.fields[1];
  });
}

function readBox(row: AnnotationRow): { row: AnnotationRow; box: Box } {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((what, i) => row.number(i + 1, what));
  return {
    row,
    box: [Math.trunc(x), Math.trunc(y), Math.trunc(x + width), Math.trunc(y + height)],
  };
}

/** Per image its visible parts; every image has one line for each part. */
function readParts(
  images: ReadonlyMap<number, AnnotationRow>,
  partNames: ReadonlyMap<number, string>,
  root: string,
): Map<number, PartPoint[]> {
  const file = join("parts", "part_locs.txt");
  const lines = new Map([...images.keys()].map((id) => [id, new Map<number, PartPoint | undefined>()]));
  for (const row of readRows(root, file, ["image id", "part id", "x", "y", "visible"])) {
    const ofImage = lines.get(row.integer(0, "image id", 1));
    if (!ofImage) throw row.error(`image ${row.fields[0]} is not in images.txt`);
    const part = row.integer(1, "part id", 1);
    if (!partNames.has(part)) throw row.error(`part ${part} is not in parts/parts.txt`);
    if (ofImage.has(part)) throw row.error(`image ${row.fields[0]} has a second line for part ${part}`);
    const [x, y] = [row.number(2, "x"), row.number(3, "y")];
    ofImage.set(part, row.flag(4, "mark of visible parts") ? [part, x, y] : undefined);
  }
  const ids = [...partNames.keys()].sort((a, b) => a - b);
  return new Map([...lines].map(([image, ofImage]) => {
    const missing = ids.find((part) => !ofImage.has(part));
    if (missing !== undefined) {
      throw new DataSetError(join(root, file), undefined, `image ${image} has no line for part ${missing}`);
    }
    return [image, ids.map((part) => ofImage.get(part)).filter((point) => point !== undefined)];
  }));
}

/** The rows of a file by the id in their first field, in the order of the file. */
function readById<T>(
  root: string,
  file: string,
  fields: readonly string[],
  read: (row: AnnotationRow) => T,
): Map<number, T> {
  const found = new Map<number, T>();
  for (const row of readRows(root, file, fields)) {
    const id = row.integer(0, fields[0], 1);
    if (found.has(id)) throw row.error(`the ${fields[0]} ${id} occurs a second time`);
    found.set(id, read(row));
  }
  return found;
}

/** As `readById`, for a file that has exactly one line for every image. */
function readFor<T>(
  images: ReadonlyMap<number, AnnotationRow>,
  root: string,
  file: string,
  fields: readonly string[],
  read: (row: AnnotationRow) => T,
): Map<number, T> {
  const found = readById(root, file, fields, (row) => {
    if (!images.has(row.integer(0, fields[0], 1))) {
      throw row.error(`image ${row.fields[0]} is not in images.txt`);
    }
    return read(row);
  });
  for (const id of images.keys()) {
    if (!found.has(id)) throw new DataSetError(join(root, file), undefined, `image ${id} has no line`);
  }
  return found;
}

/** Runs `check`; a fault of an image file becomes one of the line that names it. */
function at<T>(row: AnnotationRow, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ImageFileError) throw row.error(error.message);
    throw error;
  }
}
