/** Drawn birds in the published layouts of the study's data sets: few, small, and read by the same readers. */

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readCub200 } from "../../lib/data/cub200.ts";
import type { Sample } from "../../lib/data/data_set.ts";
import { DEFAULT_BIRDS } from "../../lib/data/birds/bird_spec.ts";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { writeFile } from "../data/folder.ts";
import { matFile, numbersFile } from "../data/mat_writer.ts";

const BIRDS = { ...DEFAULT_BIRDS, classes: 3, trainPerClass: 4, testPerClass: 2, size: 96 };

/** By name of the data set, writes its miniature into `folder`. */
export const MINIATURES = {
  cub200: (folder: string) => writeBirds(folder, BIRDS),
  dogs: writeDogs,
  cars196: writeCars,
} as const;

function drawnBirds(folder: string): readonly Sample[] {
  writeBirds(folder, BIRDS);
  return readCub200(folder).samples;
}

function place(sample: Sample, path: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  copyFileSync(sample.path, path);
}

function writeDogs(folder: string): void {
  const samples = drawnBirds(join(folder, "drawn"));
  const breed = ({ label }: Sample) => `n0${label}-Breed_${label}`;
  const stem = ({ id }: Sample) => `n_${String(id).padStart(3, "0")}`;
  for (const sample of samples) {
    place(sample, join(folder, "Images", breed(sample), `${stem(sample)}.jpg`));
    const [x1, y1, x2, y2] = sample.box!;
    writeFile(
      folder,
      join("Annotation", breed(sample), stem(sample)),
      `<annotation><object><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object></annotation>`,
    );
  }
  for (const split of ["train", "test"] as const) {
    const listed = samples.filter((sample) => sample.split === split);
    const names = listed.map((sample) => `${breed(sample)}/${stem(sample)}`);
    const labels = listed.map(({ label }) => label + 1);
    writeFile(
      folder,
      `${split}_list.mat`,
      numbersFile("labels", labels, {
        file_list: names.map((name) => `${name}.jpg`),
        annotation_list: names,
      }),
    );
  }
}

function writeCars(folder: string): void {
  const samples = drawnBirds(join(folder, "drawn"));
  const annotations = (split: Sample["split"]) => {
    const struct = samples.filter((sample) => sample.split === split).map((sample, i) => {
      const fname = `${String(i + 1).padStart(5, "0")}.jpg`;
      place(sample, join(folder, `cars_${split}`, fname));
      const [x1, y1, x2, y2] = sample.box!;
      return { bbox_x1: x1, bbox_y1: y1, bbox_x2: x2, bbox_y2: y2, class: sample.label + 1, fname };
    });
    return matFile({ annotations: { struct } });
  };
  writeFile(
    folder,
    "devkit/cars_meta.mat",
    matFile({ class_names: ["Audi A3", "Fiat 500", "Lada Niva"] }),
  );
  writeFile(folder, "devkit/cars_train_annos.mat", annotations("train"));
  writeFile(folder, "cars_test_annos_withlabels.mat", annotations("test"));
}
