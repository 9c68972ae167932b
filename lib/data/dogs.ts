/** Stanford Dogs (Khosla et al., 2011). */

import { dirname, join } from "node:path";
import { findPlace } from "./find_place.ts";
import { listFolder } from "./list_folder.ts";
import { DataSetError, FaultCollector } from "./data_set_error.ts";
import type { DataSet, Sample, Split } from "./data_set.ts";
import { ImageFolder, imageSize, inEntry, requireBoxInImage } from "./image_files.ts";
import { cellStrings, integersOf, MatError } from "./mat/mat_array.ts";
import type { ReadingOptions } from "./reading_options.ts";
import { readMatFile } from "./mat_annotations.ts";
import { readFirstBox } from "./voc_annotation.ts";

/** The folders of the data set's unpacked archives. */
export interface DogsFolders {
  /** `Images` of images.tar. */
  readonly images: string;
  /** `Annotation` of annotation.tar. */
  readonly annotations: string;
  /** The folder of `train_list.mat` and `test_list.mat`. */
  readonly lists: string;
}

/** Finds these folders below `root`, where all archives are unpacked. */
export function dogsFolders(root: string): DogsFolders {
  return {
    images: findPlace(root, "Images"),
    annotations: findPlace(root, "Annotation"),
    lists: dirname(findPlace(root, "train_list.mat")),
  };
}

/**
 * Reads the data set. Each folder of images is a class, and each image is a sample; both are sorted by name.
 * Ids count from 0. The box of a sample is the first box of its annotation, with the corners as stored.
 *
 * @throws {DataSetError} with all faults. Only the samples named in `options.skip` are skipped.
 */
export function readDogs(folders: DogsFolders, { skip, turned }: ReadingOptions = {}): DataSet {
  const classes = classFolders(folders.images);
  const faults = new FaultCollector();
  const listed = (["train", "test"] as const).flatMap((split) =>
    faults.attempt(() => readList(faults, folders.lists, split, classes)) ?? []
  );
  const names = new Set<string>();
  for (const { name, file, place } of listed) {
    if (names.has(name)) {
      faults.add(new DataSetError(file, undefined, `${place}: "${name}" is listed a second time`));
    }
    names.add(name);
  }
  listed.sort((a, b) => a.name < b.name ? -1 : 1);
  const images = new ImageFolder(folders.images);
  const annotations = new ImageFolder(folders.annotations);
  const samples = listed.flatMap(({ file, place, name, annotation, label, split }, id) => {
    if (skip?.has(name)) return [];
    const check = <T>(step: () => T) =>
      faults.attempt(() => inEntry(file, `${place} ("${name}")`, step), name);
    const path = check(() => images.find("", name));
    const size = path === undefined ? undefined : check(() => imageSize(path, turned));
    const box = check(() => readFirstBox(annotations.find("", annotation)));
    if (box && size) check(() => requireBoxInImage(box, size));
    return [{ id, name, path, label, split, box, parts: [] }];
  });
  faults.throwIfAny();
  return { classes, partNames: new Map(), samples: samples as Sample[] };
}

interface Listed {
  readonly file: string;
  readonly place: string;
  readonly name: string;
  readonly annotation: string;
  readonly label: number;
  readonly split: Split;
}

function classFolders(images: string): string[] {
  const entries = listFolder(images);
  if (entries !== undefined) return entries.filter((entry) => entry.isDirectory).map(({ name }) => name);
  throw new DataSetError(
    images,
    undefined,
    "the folder is missing; expected a folder with one subfolder per class",
  );
}

/** The valid entries of a list; the faults of the others are added to `faults`. */
function readList(
  faults: FaultCollector,
  folder: string,
  split: Split,
  classes: readonly string[],
): Listed[] {
  const file = join(folder, `${split}_list.mat`);
  return readMatFile(file, ({ variables }) => {
    const names = cellStrings(variables.get("file_list"), "file_list");
    const annotations = cellStrings(variables.get("annotation_list"), "annotation_list");
    const labels = integersOf(variables.get("labels"), "labels");
    if (annotations.length !== names.length || labels.length !== names.length) {
      throw new MatError(
        `file_list, annotation_list and labels have ${names.length}, ${annotations.length} and ${labels.length} ` +
          "entries; expected the same number of entries in each",
      );
    }
    return names.flatMap((name, i) => {
      const place = `entry ${i + 1}`;
      const label = labels[i] - 1;
      if (name.split("/")[0].normalize() === classes[label]?.normalize()) {
        return [{ file, place, name, annotation: annotations[i], label, split }];
      }
      const reason = classes[label] === undefined
        ? `${place} has the label ${label + 1}, but Images has ${classes.length} class folders`
        : `${place}, "${name}", has the label ${label + 1}, which is "${classes[label]}"`;
      faults.add(new DataSetError(file, undefined, reason));
      return [];
    });
  });
}
