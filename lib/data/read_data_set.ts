/** The supported data sets by name: their archives and their readers. */

import { dirname, join } from "node:path";
import { carsFolders, olderCarsFolder, readCars } from "./cars.ts";
import { readCub200 } from "./cub200.ts";
import type { DataSet } from "./data_set.ts";
import { type ImageFolderOptions, readImageFolder } from "./image_folder.ts";
import { findPlace } from "./find_place.ts";
import { dogsFolders, readDogs } from "./dogs.ts";
import { isThere } from "../system/is_there.ts";

/**
 * Paths of unpacked archives by name. `source` holds the whole data set; every other path holds one archive.
 */
export type DataSetSources = Readonly<Record<string, string | undefined>>;

interface Archive {
  /** Its content. */
  readonly about: string;
  /** Whether the data set can do without it. */
  readonly optional?: true;
}

interface Layout {
  /** What `source` holds. */
  readonly about: string;
  /** The archives by name; `source` replaces every archive that it contains. Empty if there is `source` alone. */
  readonly archives: Readonly<Record<string, Archive>>;
  /** Whether a folder seems to be of this layout. */
  readonly isIn: (folder: string) => boolean;
  readonly read: (sources: DataSetSources, options: ImageFolderOptions) => DataSet;
}

const has = (...names: readonly string[]) => (folder: string) =>
  names.some((name) => isThere(findPlace(folder, name)));

/**
 * The published data sets by the names of the reference implementation; `cub200` also reads other data sets in CUB's
 * layout. `image-folder` is any folder of images by class.
 */
export const DATA_SETS = {
  cub200: {
    about: "the layout of CUB-200-2011",
    archives: {
      images: { about: "CUB_200_2011.tgz: images.txt, images/, parts/, …" },
      segmentations: { about: "segmentations.tgz: one object mask per image", optional: true },
    },
    isIn: has("images.txt"),
    read: (sources, options) => {
      const root = dirname(findPlace(required(sources, "images"), "images.txt"));
      const { segmentations } = sources;
      return readCub200(root, {
        ...options,
        ...(segmentations !== undefined && {
          segmentations: isThere(join(segmentations, "segmentations"))
            ? join(segmentations, "segmentations")
            : segmentations,
        }),
      });
    },
  },
  dogs: {
    about: "the layout of Stanford Dogs",
    archives: {
      images: { about: "images.tar: Images/<class>/<file>.jpg" },
      annotations: { about: "annotation.tar: Annotation/<class>/<file>" },
      lists: { about: "lists.tar: train_list.mat, test_list.mat" },
    },
    isIn: has("train_list.mat"),
    read: (sources, options) =>
      readDogs({
        images: dogsFolders(required(sources, "images")).images,
        annotations: dogsFolders(required(sources, "annotations")).annotations,
        lists: dogsFolders(required(sources, "lists")).lists,
      }, options),
  },
  cars196: {
    about: "the layout of Stanford Cars",
    archives: {
      train: { about: "cars_train.tgz: cars_train/<file>.jpg" },
      test: { about: "cars_test.tgz: cars_test/<file>.jpg" },
      devkit: { about: "car_devkit.tgz: devkit/cars_train_annos.mat, devkit/cars_meta.mat" },
      labels: { about: "the file cars_test_annos_withlabels.mat" },
    },
    isIn: has("cars_annos.mat", "cars_meta.mat"),
    read: (sources, options) => {
      const { source, labels } = sources;
      const older = source === undefined ? undefined : olderCarsFolder(source);
      if (older !== undefined) return readCars(older, options);
      return readCars({
        train: carsFolders(required(sources, "train")).train,
        test: carsFolders(required(sources, "test")).test,
        devkit: carsFolders(required(sources, "devkit")).devkit,
        labels: labels ?? carsFolders(required(sources, "labels")).labels,
      }, options);
    },
  },
  "image-folder": {
    about: "folders of images by class",
    archives: {},
    isIn: () => true,
    read: (sources, options) => readImageFolder(required(sources, "source"), options),
  },
} as const satisfies Readonly<Record<string, Layout>>;

/** The name of a data set or layout. */
export type DataSetName = keyof typeof DATA_SETS;

/**
 * Reads the data set `name`.
 *
 * @throws {DataSetError} with the file and line of every fault.
 * @throws {Error} if a required archive is missing.
 */
export function readDataSet(
  name: DataSetName,
  sources: DataSetSources,
  options: ImageFolderOptions = {},
): DataSet {
  return DATA_SETS[name].read(sources, options);
}

/** The name of the data set whose layout a folder seems to have: `image-folder` if it is none of the published ones. */
export function layoutOf(folder: string): DataSetName {
  const names = Object.keys(DATA_SETS) as DataSetName[];
  return names.find((name) => DATA_SETS[name].isIn(folder))!;
}

function required(sources: DataSetSources, archive: string): string {
  const path = sources[archive] ?? sources.source;
  if (path !== undefined) return path;
  const given = Object.keys(sources).filter((name) => sources[name] !== undefined);
  throw new Error(
    `the input "${archive}" is missing: give it, or give the input "source", a folder with the whole data set ` +
      `(given: ${given.join(", ") || "none"})`,
  );
}
