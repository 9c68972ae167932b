/** Reads folders of images by class, as people have them: with folders or a file for a split, or without a split. */

import { dirname, join } from "node:path";
import { isThere } from "../system/is_there.ts";
import { type DataSet, listed, type Sample } from "./data_set.ts";
import { DataSetError, FaultCollector } from "./data_set_error.ts";
import { findPlace } from "./find_place.ts";
import { type ClassSplit, splitClasses } from "./image_folder/class_split.ts";
import { findImages, type FoundImages, SPLIT_FILE } from "./image_folder/found_images.ts";
import type { NamedPart } from "./image_folder/named_parts.ts";
import { readSplitFile } from "./image_folder/split_file.ts";
import { ImageFileError, ImageFolder, imageSize } from "./image_files.ts";
import type { ReadingOptions } from "./reading_options.ts";

/** How images without a split are split, and which images are for testing. */
export interface ImageFolderOptions extends ReadingOptions {
  readonly split?: Partial<ClassSplit>;
  /** Of two parts beside `train`, the one for testing; the images of the other are left out. Default: `test`. */
  readonly evaluateOn?: "test" | "val";
}

/** The split of images that have none: the seed and share of the reference implementation. */
const DEFAULT_SPLIT: ClassSplit = { seed: 42, trainShare: 0.7 };

/**
 * Reads a folder of classes, `<class>/<image>`, with a split in the file `split.txt`, or `<part>/<class>/<image>` with
 * the parts `train`, `val` and `test`; see `findImages`. Images without a split are split at random, see
 * `splitClasses`. Classes are sorted by name; names of samples are paths below the folder of classes or parts, and ids
 * count from 0 in their order. The data set has no boxes, parts or object masks.
 *
 * @throws {DataSetError} with all faults. Only the samples named in `options.skip` are skipped.
 */
export function readImageFolder(folder: string, options: ImageFolderOptions = {}): DataSet {
  const { skip, turned, note = () => {}, warn = () => {} } = options;
  refuseOtherLayouts(folder);
  const faults = new FaultCollector(skip);
  const found = findImages(folder, faults);
  if (found.ignored.length > 0) note(ignoredText(found.ignored));
  if (found.empty.length > 0) warn(`folders without an image are no classes: ${listed(found.empty)}`);
  const parts = partsOf(found, options, faults);
  const tested = testedPart(folder, new Set(parts.filter((part) => part !== undefined)), options);
  const root = faults.attempt(() => new ImageFolder(found.root));
  const samples = found.images.flatMap(({ name, group }, id) => {
    if (skip?.has(name)) return [];
    const split = parts[id] === "train" ? "train" : parts[id] === tested ? "test" : undefined;
    const path = faults.attempt(() => readable(found.root, root!, name, turned), name);
    return path === undefined || split === undefined ? [] : [{ id, name, path, group, split } as const];
  });
  faults.throwIfAny();
  const classes = [...new Set(found.images.filter(({ name }) => !skip?.has(name)).map(({ group }) => group))]
    .sort();
  if (classes.length === 0) throw new DataSetError(found.root, undefined, EMPTY);
  const others = parts.filter((part) => part !== "train" && part !== tested).length;
  if (others > 0) {
    const [left, other] = tested === "test" ? ["validation", "val"] : ["test", "test"];
    note(`${others} ${left} images are left out; to evaluate on them: --set data.evaluateOn=${other}`);
  }
  return {
    classes,
    partNames: new Map(),
    samples: samples.map(({ group, ...sample }): Sample => ({
      ...sample,
      label: classes.indexOf(group),
      parts: [],
    })),
  };
}

const EMPTY = "no image was found; expected JPEG or PNG files in one subfolder for each class";

function refuseOtherLayouts(folder: string): void {
  const index = findPlace(folder, "images.txt");
  if (!isThere(index) || !isThere(join(dirname(index), "image_class_labels.txt"))) return;
  const reason = "it is of the layout of CUB-200-2011; to read it so: --set data.name=cub200";
  throw new DataSetError(index, undefined, reason);
}

function ignoredText(ignored: readonly string[]): string {
  const files = ignored.length === 1 ? "1 file is no image" : `${ignored.length} files are no images`;
  return `${files} and ignored: ${listed(ignored)}`;
}

/** The part of each image, in order; undefined where it has a fault. */
function partsOf(
  found: FoundImages,
  { split }: ImageFolderOptions,
  faults: FaultCollector,
): (NamedPart | undefined)[] {
  const { root, images } = found;
  const isInFolders = images.some(({ part }) => part !== undefined);
  const hasFile = isThere(join(root, SPLIT_FILE));
  if (split && (isInFolders || hasFile)) {
    const where = isInFolders ? "in folders" : `in ${SPLIT_FILE}`;
    throw new DataSetError(root, undefined, `the images have a split ${where}: leave out the param split`);
  }
  if (isInFolders && hasFile) {
    const reason =
      `there are folders of parts beside it: remove it, or put the classes of all parts together`;
    throw new DataSetError(join(root, SPLIT_FILE), undefined, reason);
  }
  if (isInFolders) return images.map(({ part }) => part);
  if (!hasFile) return splitClasses(images.map(({ group }) => group), { ...DEFAULT_SPLIT, ...split });
  const listedParts = readSplitFile(found, faults);
  return images.map(({ name }) => listedParts.get(name));
}

/** The part whose images are for testing. */
function testedPart(
  folder: string,
  parts: ReadonlySet<NamedPart>,
  { evaluateOn }: ImageFolderOptions,
): NamedPart {
  if (evaluateOn === undefined) return parts.has("test") || !parts.has("val") ? "test" : "val";
  if (parts.has(evaluateOn)) return evaluateOn;
  const reason = `the param evaluateOn names the part ${evaluateOn}, but there are images of ${
    [...parts].join(", ") || "none"
  } alone`;
  throw new DataSetError(folder, undefined, reason);
}

function readable(root: string, folder: ImageFolder, name: string, turned: boolean | undefined): string {
  try {
    const path = folder.find("", name);
    imageSize(path, turned);
    return path;
  } catch (cause) {
    if (!(cause instanceof ImageFileError)) throw cause;
    const file = join(root, name);
    throw new DataSetError(file, undefined, cause.message.replace(`${file}: `, ""), { cause });
  }
}
