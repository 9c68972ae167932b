/** The supported data sets by name: their archives and their readers. */

import { dirname, join } from "node:path";
import { carsFolders, olderCarsFolder, readCars } from "./cars.ts";
import { readCub200 } from "./cub200.ts";
import type { DataSet } from "./data_set.ts";
import type { ReadingOptions } from "./reading_options.ts";
import { findPlace } from "./find_place.ts";
import { dogsFolders, readDogs } from "./dogs.ts";
import { isThere } from "../system/is_there.ts";

/**
 * Paths of unpacked archives by name. `source` holds the whole data set; every other path holds one archive.
 */
export type DataSetSources = Readonly<Record<string, string | undefined>>;

interface PublishedDataSet {
  /**
   * The archives by name, with a description of their content. `source` replaces every archive that it
   * contains.
   */
  readonly archives: Readonly<Record<string, string>>;
  readonly read: (sources: DataSetSources, options: ReadingOptions) => DataSet;
}

/**
 * The data sets by the names of the reference implementation. `cub200` also reads other data sets in CUB's
 * layout.
 */
export const DATA_SETS = {
  cub200: {
    archives: {
      images: "CUB_200_2011.tgz: images.txt, images/, parts/, …",
      segmentations: "segmentations.tgz: one object mask per image; optional",
    },
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
    archives: {
      images: "images.tar: Images/<class>/<file>.jpg",
      annotations: "annotation.tar: Annotation/<class>/<file>",
      lists: "lists.tar: train_list.mat, test_list.mat",
    },
    read: (sources, options) =>
      readDogs({
        images: dogsFolders(required(sources, "images")).images,
        annotations: dogsFolders(required(sources, "annotations")).annotations,
        lists: dogsFolders(required(sources, "lists")).lists,
      }, options),
  },
  cars196: {
    archives: {
      train: "cars_train.tgz: cars_train/<file>.jpg",
      test: "cars_test.tgz: cars_test/<file>.jpg",
      devkit: "car_devkit.tgz: devkit/cars_train_annos.mat, devkit/cars_meta.mat",
      labels: "the file cars_test_annos_withlabels.mat",
    },
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
} as const satisfies Readonly<Record<string, PublishedDataSet>>;

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
  options: ReadingOptions = {},
): DataSet {
  return DATA_SETS[name].read(sources, options);
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
