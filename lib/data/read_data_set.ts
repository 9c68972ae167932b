/** The data sets by name: which folders and files each is read from, and its reader. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { carsFolders, isOlderCars, readCars } from "./cars.ts";
import { readCub200 } from "./cub200.ts";
import type { DataSet } from "./data_set.ts";
import { dogsFolders, readDogs } from "./dogs.ts";

/** By name, paths of what was unpacked: `source` holds all of the data set, any other one archive. */
export type DataSetSources = Readonly<Record<string, string | undefined>>;

interface PublishedDataSet {
  /** The archives by name: what each holds. `source` is given in their place, or besides those that it lacks. */
  readonly archives: Readonly<Record<string, string>>;
  readonly read: (sources: DataSetSources) => DataSet;
}

/** Under the names of the reference implementation; `cub200` is also the layout of data sets that follow it. */
export const DATA_SETS = {
  cub200: {
    archives: {
      images: "CUB_200_2011.tgz: images.txt, images/, parts/, …",
      segmentations: "segmentations.tgz: an object mask an image; may be left out",
    },
    read: (sources) => {
      const root = inside(required(sources, "images"), "CUB_200_2011", "images.txt");
      const { segmentations } = sources;
      return readCub200(
        root,
        segmentations === undefined ? {} : {
          segmentations: existsSync(join(segmentations, "segmentations"))
            ? join(segmentations, "segmentations")
            : segmentations,
        },
      );
    },
  },
  dogs: {
    archives: {
      images: "images.tar: Images/<class>/<file>.jpg",
      annotations: "annotation.tar: Annotation/<class>/<file>",
      lists: "lists.tar: train_list.mat, test_list.mat",
    },
    read: (sources) =>
      readDogs({
        images: dogsFolders(required(sources, "images")).images,
        annotations: dogsFolders(required(sources, "annotations")).annotations,
        lists: dogsFolders(required(sources, "lists")).lists,
      }),
  },
  cars196: {
    archives: {
      train: "cars_train.tgz: cars_train/<file>.jpg",
      test: "cars_test.tgz: cars_test/<file>.jpg",
      devkit: "car_devkit.tgz: devkit/cars_train_annos.mat, devkit/cars_meta.mat",
      labels: "the file cars_test_annos_withlabels.mat",
    },
    read: (sources) => {
      const { source, labels } = sources;
      if (source !== undefined && isOlderCars(source)) return readCars(source);
      return readCars({
        train: carsFolders(required(sources, "train")).train,
        test: carsFolders(required(sources, "test")).test,
        devkit: carsFolders(required(sources, "devkit")).devkit,
        labels: labels ?? carsFolders(required(sources, "labels")).labels,
      });
    },
  },
} as const satisfies Readonly<Record<string, PublishedDataSet>>;

export type DataSetName = keyof typeof DATA_SETS;

/**
 * Reads the data set `name`.
 *
 * @throws {DataSetError} naming file and line of every fault.
 * @throws {Error} naming the source that is missing.
 */
export function readDataSet(name: DataSetName, sources: DataSetSources): DataSet {
  return DATA_SETS[name].read(sources);
}

function required(sources: DataSetSources, archive: string): string {
  const path = sources[archive] ?? sources.source;
  if (path !== undefined) return path;
  const given = Object.keys(sources).filter((name) => sources[name] !== undefined);
  throw new Error(
    `the input "${archive}" is missing: give it, or the input "source", a folder with all of the data set ` +
      `(given: ${given.join(", ") || "none"})`,
  );
}

/** `folder`, or the folder in it that the archive's content is in. */
function inside(folder: string, archiveFolder: string, marker: string): string {
  const nested = join(folder, archiveFolder);
  return !existsSync(join(folder, marker)) && existsSync(join(nested, marker)) ? nested : folder;
}
