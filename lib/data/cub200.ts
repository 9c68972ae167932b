/** Reads CUB-200-2011 (Wah et al., 2011) and every data set in its layout. */

import { join } from "node:path";
import type { Box } from "../vision/masks/boxes.ts";
import { type AnnotationRow, readRows, readText } from "./annotation_rows.ts";
import type { DataSet, PartPoint, Sample, Split } from "./data_set.ts";
import { DataSetError, FaultCollector } from "./data_set_error.ts";
import type { ReadingOptions } from "./reading_options.ts";
import { ImageFileError, ImageFolder, imageSize, requireBoxInImage } from "./image_files.ts";
import { isThere } from "../system/is_there.ts";

export interface Cub200Options extends ReadingOptions {
  /** The folder of object masks, `<class>/<stem>.png`. Default: `segmentations` in the root, if it exists. */
  readonly segmentations?: string;
}

/**
 * Reads the data set with `images.txt` in `root`, as unpacked from the archive. Ids and labels count from 0
 * (the files count from 1); part ids are unchanged. A box is truncated as in the reference implementation:
 * [⌊x⌋, ⌊y⌋, ⌊x + w⌋, ⌊y + h⌋]. Part masks are `parts/masks/<class>/<stem>.png`; CUB itself has none.
 *
 * If `parts/` is missing or its files are empty, no image has parts.
 *
 * @throws {DataSetError} with all faults. Only the samples named in `options.skip` are skipped.
 */
export function readCub200(root: string, options: Cub200Options = {}): DataSet {
  const faults = new FaultCollector();
  const images = readById(faults, root, "images.txt", ["image id", "path…"], (row) => row);
  const classes = readClasses(faults, root);
  if (images?.size === 0) {
    faults.add(new DataSetError(join(root, "images.txt"), undefined, "it lists no image"));
  }
  const skipped = new Set<number>();
  for (const [id, row] of images ?? []) {
    if (!row || !options.skip?.has(row.fields[1])) continue;
    skipped.add(id);
    images!.delete(id);
  }
  const partNames = hasParts(root)
    ? readById(faults, root, join("parts", "parts.txt"), ["part id", "name…"], (row) => row.fields[1])
    : new Map<number, string>();
  // If one of these files is missing, every line of the other files would be reported as a fault.
  if (!images || !classes || !partNames) faults.throwIfAny();
  const index: Index = { faults, root, skipped, images: images!, classes: classes!, partNames: partNames! };
  const labels = readFor(index, "image_class_labels.txt", ["image id", "class id"], (row) => {
    const label = row.integer(1, "class id", 1) - 1;
    if (label >= index.classes.length) {
      throw row.error(`class ${label + 1} is unknown; classes.txt names ${index.classes.length} classes`);
    }
    return { row, label };
  });
  const splits = readFor(
    index,
    "train_test_split.txt",
    ["image id", "is training"],
    (row): Split => row.flag(1, "mark of training images") ? "train" : "test",
  );
  const boxes = readFor(index, "bounding_boxes.txt", ["image id", "x", "y", "width", "height"], readBox);
  const parts = partNames!.size > 0 ? readParts(index) : new Map<number, PartPoint[]>();
  const files = findFiles(index, labels, boxes, options);
  faults.throwIfAny();
  return {
    classes: index.classes.map((name) => name!),
    partNames: new Map([...index.partNames].map(([id, name]) => [id, name!])),
    samples: [...index.images].map(([id, row]) => ({
      id: id - 1,
      name: row!.fields[1],
      label: labels.get(id)!.label,
      split: splits.get(id)!,
      box: boxes.get(id)!.box,
      parts: parts.get(id) ?? [],
      ...files.get(id)!,
    })),
  };
}

/** Whether the data set has annotations of parts: false if both files are missing or empty. */
function hasParts(root: string): boolean {
  const files = ["parts.txt", "part_locs.txt"].map((file) => join(root, "parts", file));
  return files.some((file) => isThere(file) && readText(file).trim() !== "");
}

/** A map whose undefined entries had faults; the collector has these faults. */
type Read<T> = ReadonlyMap<number, T | undefined>;

/** The images and classes that the other files refer to. */
interface Index {
  readonly faults: FaultCollector;
  readonly root: string;
  /** Ids of skipped images; all of their lines are ignored. */
  readonly skipped: ReadonlySet<number>;
  readonly images: Read<AnnotationRow>;
  /** Class names by label. */
  readonly classes: readonly (string | undefined)[];
  readonly partNames: Read<string>;
}

/** The files of each image. A fault in a file is reported at the line that names it. */
function findFiles(
  { faults, root, images, classes }: Index,
  labels: Read<{ row: AnnotationRow; label: number }>,
  boxes: Read<{ row: AnnotationRow; box: Box }>,
  { segmentations, turned }: Cub200Options,
): Map<number, Pick<Sample, "path" | "segmentation" | "partMask">> {
  const folder = new ImageFolder(root);
  const inRoot = join(root, "segmentations");
  const masks = segmentations ?? (isThere(inRoot) ? inRoot : undefined);
  const maskFolder = masks === undefined ? undefined : new ImageFolder(masks);
  const hasPartMasks = isThere(join(root, "parts", "masks"));
  const names = new Set<string>();
  const found = new Map<number, Pick<Sample, "path" | "segmentation" | "partMask">>();
  for (const [id, row] of images) {
    if (!row) continue;
    const name = row.fields[1];
    const path = faults.attempt(() => {
      if (names.has(name)) throw row.error(`the image "${name}" is named twice`);
      names.add(name);
      return at(row, () => folder.find("images", name));
    }, name);
    if (path === undefined) continue;
    const labelled = labels.get(id);
    const group = labelled && classes[labelled.label];
    if (group !== undefined && name.split("/")[0].normalize() !== group.normalize()) {
      faults.add(labelled!.row.error(`image ${id} has the class "${group}", but lies at "${name}"`));
    }
    const size = faults.attempt(() => at(row, () => imageSize(path, turned)), name);
    const { row: boxRow, box } = boxes.get(id) ?? {};
    if (size && boxRow) faults.attempt(() => at(boxRow, () => requireBoxInImage(box!, size)), name);
    const png = name.replace(/\.[^.]*$/, ".png");
    const segmentation = maskFolder && faults.attempt(() => at(row, () => maskFolder.find("", png)), name);
    const partMask = hasPartMasks
      ? faults.attempt(() => at(row, () => folder.find(join("parts", "masks"), png)), name)
      : undefined;
    found.set(id, { path, ...(segmentation && { segmentation }), ...(partMask && { partMask }) });
  }
  return found;
}

function readClasses(faults: FaultCollector, root: string): (string | undefined)[] | undefined {
  let last = 0;
  const names = readById(faults, root, "classes.txt", ["class id", "name…"], (row) => {
    const id = row.integer(0, "class id", 1);
    const expected = last + 1;
    last = id;
    if (id !== expected) {
      throw row.error(`class ids must count up from 1: expected ${expected}, but the id is ${id}`);
    }
    return row.fields[1];
  });
  return names && [...names.values()];
}

function readBox(row: AnnotationRow): { row: AnnotationRow; box: Box } {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((what, i) => row.number(i + 1, what));
  return {
    row,
    box: [Math.trunc(x), Math.trunc(y), Math.trunc(x + width), Math.trunc(y + height)],
  };
}

/** The visible parts of each image; every image has one line for each part. */
function readParts({ faults, root, skipped, images, partNames }: Index): Map<number, PartPoint[]> {
  const file = join("parts", "part_locs.txt");
  const fields = ["image id", "part id", "x", "y", "visible"];
  const lines = new Map([...images.keys()].map((id) => [id, new Map<number, PartPoint | undefined>()]));
  const rows = faults.attempt(() => readRows(root, file, fields));
  if (!rows) return new Map();
  for (const row of rows) {
    if (skipped.has(Number(row.fields[0]))) continue;
    faults.attempt(() => {
      const ofImage = lines.get(Number(row.fields[0]));
      const part = Number(row.fields[1]);
      const again = ofImage?.has(part);
      // A line with a fault exists: it must not be reported as missing as well.
      ofImage?.set(part, undefined);
      row.require(fields).integer(0, "image id", 1);
      if (!ofImage) throw row.error(`image ${row.fields[0]} is not in images.txt`);
      if (!partNames.has(row.integer(1, "part id", 1))) {
        throw row.error(`part ${part} is not in parts/parts.txt`);
      }
      if (again) throw row.error(`image ${row.fields[0]} has a second line for part ${part}`);
      const [x, y] = [row.number(2, "x"), row.number(3, "y")];
      ofImage.set(part, row.flag(4, "mark of visible parts") ? [part, x, y] : undefined);
    });
  }
  const ids = [...partNames.keys()].sort((a, b) => a - b);
  return new Map([...lines].map(([image, ofImage]) => {
    const missing = ids.filter((part) => !ofImage.has(part));
    if (missing.length > 0) {
      const reason = `image ${image} has no line for part ${missing.join(", ")}`;
      faults.add(new DataSetError(join(root, file), undefined, reason));
    }
    return [image, ids.map((part) => ofImage.get(part)).filter((point) => point !== undefined)];
  }));
}

/** The rows of a file by the id in their first field, in file order; undefined if the file can't be read. */
function readById<T>(
  faults: FaultCollector,
  root: string,
  file: string,
  fields: readonly string[],
  read: (row: AnnotationRow) => T,
): Map<number, T | undefined> | undefined {
  const rows = faults.attempt(() => readRows(root, file, fields));
  if (!rows) return undefined;
  const found = new Map<number, T | undefined>();
  for (const row of rows) {
    faults.attempt(() => {
      const id = Number(row.fields[0]);
      const again = found.has(id);
      if (!again && Number.isInteger(id)) found.set(id, undefined);
      row.require(fields).integer(0, fields[0], 1);
      if (again) throw row.error(`the ${fields[0]} ${id} occurs a second time`);
      found.set(id, read(row));
    });
  }
  return found;
}

/** Like `readById`, for a file that must have exactly one line for every image. */
function readFor<T>(
  { faults, root, skipped, images }: Index,
  file: string,
  fields: readonly string[],
  read: (row: AnnotationRow) => T,
): Map<number, T | undefined> {
  const found = readById(faults, root, file, fields, (row) => {
    const id = row.integer(0, fields[0], 1);
    if (skipped.has(id)) return undefined;
    if (!images.has(id)) {
      throw row.error(`image ${row.fields[0]} is not in images.txt`);
    }
    return read(row);
  });
  if (!found) return new Map();
  for (const id of images.keys()) {
    if (!found.has(id)) faults.add(new DataSetError(join(root, file), undefined, `image ${id} has no line`));
  }
  return found;
}

/** Runs `check`; a fault in an image file is reported at the line that names the file. */
function at<T>(row: AnnotationRow, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ImageFileError) throw row.error(error.message);
    throw error;
  }
}
