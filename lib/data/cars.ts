/** Stanford Cars (Krause et al., 2013). */

import { dirname, join } from "node:path";
import { findPlace } from "./find_place.ts";
import type { Box } from "../vision/masks/boxes.ts";
import type { DataSet, Sample, Split } from "./data_set.ts";
import { FaultCollector } from "./data_set_error.ts";
import { ImageFolder, imageSize, inEntry, requireBoxInImage } from "./image_files.ts";
import type { ReadingOptions } from "./reading_options.ts";
import { cellStrings, MatError, readEach, structTable } from "./mat/mat_array.ts";
import type { MatFile } from "./mat/mat_file.ts";
import { readMatFile } from "./mat_annotations.ts";
import { isThere } from "../system/is_there.ts";

/** One row of an annotation file. */
export interface CarAnnotation {
  /** The file name; in the older package, with its folder. */
  readonly image: string;
  /** The corners in pixels as stored in the file, counted from 1. */
  readonly box: Box;
  /** Counted from 0; the file counts from 1. */
  readonly label: number;
  /** Present only in the older package, whose one file has both splits. */
  readonly split?: Split;
}

/** The folders of the data set's unpacked archives. */
export interface CarsFolders {
  /** `cars_train` of cars_train.tgz. */
  readonly train: string;
  /** `cars_test` of cars_test.tgz. */
  readonly test: string;
  /** `devkit` of car_devkit.tgz, with `cars_train_annos.mat` and `cars_meta.mat`. */
  readonly devkit: string;
  /** The file `cars_test_annos_withlabels.mat`. */
  readonly labels: string;
}

/**
 * Finds these folders below `root`, where all archives are unpacked; mirrors nest them at different depths.
 */
export function carsFolders(root: string): CarsFolders {
  return {
    train: findPlace(root, "cars_train"),
    test: findPlace(root, "cars_test"),
    devkit: dirname(findPlace(root, "cars_meta.mat")),
    labels: findPlace(root, "cars_test_annos_withlabels.mat"),
  };
}

/**
 * The folder of the older package (`cars_annos.mat` and `car_ims`) below `root`; undefined if there is none.
 */
export function olderCarsFolder(root: string): string | undefined {
  const annotations = findPlace(root, "cars_annos.mat");
  return isThere(annotations) ? dirname(annotations) : undefined;
}

/**
 * Reads the data set. Training images come first, then test images, each by file name; ids count from 0. The
 * name of a sample is `<ccc>/<ccc>_<iiiii>.jpg`, from its class and id, as in the reference implementation.
 *
 * @param folders the folders of the archives, or a string: the folder of the older package
 * @throws {DataSetError} with all faults. Only the samples named in `options.skip` are skipped.
 */
export function readCars(
  folders: CarsFolders | string,
  { skip, turned }: ReadingOptions = {},
): DataSet {
  const faults = new FaultCollector();
  const { classes, sources } = typeof folders === "string"
    ? olderPackage(folders)
    : newerPackage(faults, folders);
  const imageFolders = new Map([...new Set(sources.map(({ folder }) => folder))]
    .map((folder) => [folder, faults.attempt(() => new ImageFolder(folder))]));
  const samples = sources.flatMap(({ file, folder, split, annotation }, id) => {
    const group = String(annotation.label).padStart(3, "0");
    const name = `${group}/${group}_${String(id).padStart(5, "0")}.jpg`;
    if (skip?.has(name)) return [];
    const check = <T>(step: () => T) =>
      faults.attempt(() => inEntry(file, `"${annotation.image}"`, step), name);
    const path = check(() => imageFolders.get(folder)?.find("", annotation.image));
    if (path !== undefined) check(() => requireBoxInImage(annotation.box, imageSize(path, turned)));
    return [{ id, name, path, label: annotation.label, split, box: annotation.box, parts: [] }];
  });
  faults.throwIfAny();
  return { classes, partNames: new Map(), samples: samples as Sample[] };
}

interface Source {
  readonly file: string;
  readonly folder: string;
  readonly split: Split;
  readonly annotation: CarAnnotation;
}

function olderPackage(root: string): { classes: string[]; sources: Source[] } {
  const file = join(root, "cars_annos.mat");
  return readMatFile(file, (mat) => {
    const classes = cellStrings(mat.variables.get("class_names"), "class_names");
    const annotations = carAnnotations(mat, classes.length);
    const sources = annotations.map((annotation): Source => {
      if (!annotation.split) throw new MatError('"annotations" lacks the field "test"');
      return { file, folder: root, split: annotation.split, annotation };
    });
    return { classes, sources: (["train", "test"] as const).flatMap((split) => inOrder(sources, split)) };
  });
}

/** The rows of both files. A file that can't be read adds its faults to `faults` and no rows. */
function newerPackage(
  faults: FaultCollector,
  folders: CarsFolders,
): { classes: string[]; sources: Source[] } {
  const classes = readMatFile(
    join(folders.devkit, "cars_meta.mat"),
    ({ variables }) => cellStrings(variables.get("class_names"), "class_names"),
  );
  const files = { train: join(folders.devkit, "cars_train_annos.mat"), test: folders.labels };
  const sources = (["train", "test"] as const).flatMap((split) =>
    inOrder(
      (faults.attempt(() => readMatFile(files[split], (mat) => carAnnotations(mat, classes.length))) ?? [])
        .map((annotation) => ({ file: files[split], folder: folders[split], split, annotation })),
      split,
    )
  );
  return { classes, sources };
}

function inOrder(sources: readonly Source[], split: Split): Source[] {
  return sources.filter((source) => source.split === split)
    .sort((a, b) => a.annotation.image < b.annotation.image ? -1 : 1);
}

/**
 * The rows of the variable `annotations`.
 *
 * @throws {MatError} naming every row where a field is missing, of another type, or out of range.
 */
export function carAnnotations({ variables }: MatFile, classCount: number): CarAnnotation[] {
  const { fields, rows } = structTable(variables.get("annotations"), "annotations");
  const imageField = fields.includes("fname") ? "fname" : "relative_im_path";
  const images = new Set<string>();
  return readEach(rows, (row, i) => {
    const place = `row ${i + 1} of annotations`;
    const integer = (field: string) => {
      const value = row.get(field);
      if (typeof value !== "number") throw new MatError(`${place} has no integer "${field}"`);
      return value;
    };
    const image = row.get(imageField);
    if (typeof image !== "string") throw new MatError(`${place} has no file name`);
    if (images.has(image)) {
      throw new MatError(`${place} names "${image}", which an earlier row names already`);
    }
    images.add(image);
    const label = integer("class") - 1;
    if (label < 0 || label >= classCount) {
      throw new MatError(`${place} has the class ${label + 1}; expected 1 to ${classCount}`);
    }
    const test = row.get("test");
    return {
      image,
      box: [integer("bbox_x1"), integer("bbox_y1"), integer("bbox_x2"), integer("bbox_y2")],
      label,
      ...(test !== undefined && { split: test === 0 ? "train" : "test" }),
    };
  });
}
