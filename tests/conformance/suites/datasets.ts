/** Conformance of data-set readers: CUB, Dogs, Cars, their .mat and XML files, splits and the mask index. */

import { carAnnotations } from "../../../lib/data/cars.ts";
import { readCub200 } from "../../../lib/data/cub200.ts";
import { classWeights, samplesOf } from "../../../lib/data/data_set.ts";
import { DataSetError } from "../../../lib/data/data_set_error.ts";
import { dogsFolders, readDogs } from "../../../lib/data/dogs.ts";
import {
  cellStrings,
  type MatArray,
  type NumericClass,
  structTable,
} from "../../../lib/data/mat/mat_array.ts";
import { readMatFile } from "../../../lib/data/mat_annotations.ts";
import { firstClasses } from "../../../lib/data/mini.ts";
import { miniFiles } from "../../data/mini_files.ts";
import { RandomState } from "../../../lib/data/numpy_random.ts";
import { randomSplit } from "../../../lib/data/random_split.ts";
import { readFirstBox } from "../../../lib/data/voc_annotation.ts";
import { maskFileName } from "../../../lib/segment/mask_driver.ts";
import { formatMaskIndex, type MaskIndex, parseMaskIndex } from "../../../lib/segment/mask_index.ts";
import { type Case, type Json, type Outcome, pathOf, type Runner } from "../case.ts";

export const runners: Record<string, Runner> = {
  "datasets.cub": cub,
  "datasets.mini": mini,
  "datasets.cub_error": cubError,
  "datasets.cars_mat": carsMat,
  "datasets.dogs": dogs,
  "datasets.mat": mat,
  "datasets.mat_error": (testCase) => {
    readMatFile(pathOf(testCase, testCase.params.file), (file) => file);
    return {};
  },
  "datasets.xml_error": (testCase) => {
    readFirstBox(pathOf(testCase, testCase.params.file));
    return {};
  },
  "datasets.xml": (testCase) => ({
    values: { box: readFirstBox(pathOf(testCase, testCase.params.file)) },
  }),
  "datasets.split": split,
  "datasets.numpy_random": numpyRandom,
  "datasets.mask_index": (testCase) => {
    const { file, method, id } = testCase.params;
    const masks = parseMaskIndex(Deno.readTextFileSync(pathOf(testCase, file))).get(method)?.get(id) ?? [];
    return { values: { keys: masks.map(({ key }) => key), files: masks.map(({ file }) => file) } };
  },
};

function cub(testCase: Case): Outcome {
  const { expect } = testCase;
  const dataSet = readCub200(pathOf(testCase, testCase.params.folder));
  const { classes, samples, partNames } = dataSet;
  const train = samplesOf(dataSet, "train");
  const test = samplesOf(dataSet, "test");
  const picked: readonly { id: number }[] = expect.samples ?? [];
  const reference = miniFiles(dataSet, "intended");
  return {
    values: {
      classes: classes.length,
      images: samples.length,
      train: train.length,
      test: test.length,
      class_names: classes,
      train_ids: train.map(({ id }) => id),
      test_ids: test.map(({ id }) => id),
      labels: samples.map(({ label }) => label),
      class_weights: classWeights(train, classes.length).filter((weight) => weight > 0),
      samples: picked.map(({ id }) => {
        const sample = samples.find((one) => one.id === id);
        return sample && {
          id,
          path: sample.name,
          label: sample.label,
          bbox: sample.box,
          parts: sample.parts,
        };
      }),
      visible_parts: samples.reduce((sum, { parts }) => sum + parts.length, 0),
      max_visible: Math.max(...samples.map(({ parts }) => parts.length)),
      // The reference keeps the first word of a name only.
      missing_from_reference_reader: {
        part_names: [...partNames.values()].map((name) => name.split(" ")[0]),
      },
      first_lines_written_by_the_reference: Object.fromEntries(
        Object.entries<string[]>(expect.first_lines_written_by_the_reference ?? {}).map(([file, lines]) => [
          file,
          // Boxes are integers in the converted files and become floats only when a mini set is written.
          reference[file]?.slice(0, lines.length)
            .map((line) => file === "bounding_boxes.txt" ? line.replaceAll(".0", "") : line),
        ]),
      ),
      segmentation_info_entry: firstEntryOf(originalMasks(samples.map(({ id }) => id))),
    },
  };
}

/** The mask index of the masks that come with the data set: one an image. */
function originalMasks(ids: readonly number[]): MaskIndex {
  return new Map([["original", new Map(ids.map((id) => [id, [{ key: 0, file: maskFileName(0) }]]))]]);
}

function firstEntryOf(index: MaskIndex): Json {
  return Object.values(JSON.parse(formatMaskIndex(index)).original)[0];
}

function mini(testCase: Case): Outcome {
  const dataSet = readCub200(pathOf(testCase, testCase.params.folder));
  const files = miniFiles(firstClasses(dataSet, testCase.params.num_classes), "reference");
  return {
    values: {
      sample_names: files["sample_names.txt"],
      sample_labels: files["sample_labels.txt"],
      class_names: files["class_names.txt"],
      train_test_split: files["train_test_split.txt"],
      bounding_boxes: files["bounding_boxes.txt"],
      first_part_lines: files["parts/part_locs.txt"].slice(0, testCase.expect.first_part_lines?.length),
    },
  };
}

/** Beyond being refused, the error must name the file and the line at fault. */
function cubError(testCase: Case): Outcome {
  const { folder, culprit, line } = testCase.params;
  try {
    readCub200(pathOf(testCase, folder));
  } catch (error) {
    const named = error instanceof DataSetError && error.file.endsWith(culprit) &&
      error.line === (line ?? undefined);
    if (named) throw error;
    // Returning, where an error is expected, fails the case.
    return { faults: [`expected an error at ${culprit}, line ${line}, but got: ${error}`] };
  }
  return {};
}

function carsMat(testCase: Case): Outcome {
  return readMatFile(pathOf(testCase, testCase.params.file), (file) => {
    const { fields, rows } = structTable(file.variables.get("annotations"), "annotations");
    const names = file.variables.has("class_names")
      ? cellStrings(file.variables.get("class_names"), "class_names")
      : [];
    const cars = carAnnotations(file, 196);
    const perClass = Array.from({ length: 196 }, () => 0);
    for (const { label } of cars) perClass[label]++;
    const row = (index: number) => Object.fromEntries(rows[index]);
    const { class_names_first: first = [], class_names_last: last = [], picked = {} } = testCase.expect;
    return {
      values: {
        rows: rows.length,
        test_rows: cars.filter(({ split }) => split === "test").length,
        fields,
        first: row(0),
        last: row(rows.length - 1),
        picked: Object.fromEntries(Object.keys(picked).map((index) => [index, row(Number(index))])),
        box_sum: cars.reduce((sum, { box }) => sum + box[0] + box[1] + box[2] + box[3], 0),
        class_names_count: names.length,
        class_names_first: names.slice(0, first.length),
        class_names_last: names.slice(names.length - last.length),
        per_class: perClass,
      },
    };
  });
}

function dogs(testCase: Case): Outcome {
  const dataSet = readDogs(dogsFolders(pathOf(testCase, testCase.params.folder)));
  const { classes, samples } = dataSet;
  return {
    values: {
      classes: classes.length,
      class_names: classes,
      paths: samples.map(({ name }) => name),
      labels: samples.map(({ label }) => label),
      boxes: samples.map(({ box }) => box),
      train_ids: samplesOf(dataSet, "train").map(({ id }) => id),
      test_ids: samplesOf(dataSet, "test").map(({ id }) => id),
    },
  };
}

function mat(testCase: Case): Outcome {
  return readMatFile(pathOf(testCase, testCase.params.file), ({ bigEndian, variables }) => ({
    values: {
      variables: Object.fromEntries([...variables].map(([name, array]) => [name, matJson(array, bigEndian)])),
    },
  }));
}

function matJson(array: MatArray, bigEndian: boolean): Json {
  switch (array.kind) {
    case "char":
      return { char: array.rows };
    case "cell":
      return { cell: array.shape, values: array.cells.map((cell) => matJson(cell, bigEndian)) };
    case "struct": {
      const { shape, fields, values } = array;
      const rows = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, row) =>
        Object.fromEntries(
          fields.map((field, i) => [field, matJson(values[row * fields.length + i], bigEndian)]),
        ));
      return { struct: shape, fields, rows };
    }
    case "numeric": {
      const numbers = (data: Iterable<number | bigint>) => Array.from(data, Number);
      return array.imaginary
        ? { complex: array.shape, real: numbers(array.real), imag: numbers(array.imaginary) }
        : {
          numeric: array.shape,
          class: numpyName(array.storedAs, bigEndian),
          values: numbers(array.real),
        };
    }
  }
}

/** As numpy prints a dtype: with the byte order where it is not the machine's. */
function numpyName(type: NumericClass, bigEndian: boolean): string {
  const bits = Number(type.match(/\d+$/)![0]);
  if (!bigEndian || bits === 8) return type;
  return `>${type[0]}${bits / 8}`;
}

function split({ params }: Case): Outcome {
  const { test, folds } = randomSplit(params.labels, {
    folds: params.k,
    seed: params.seed,
    shuffle: params.shuffle,
    stratified: params.stratified,
    trainShare: params.train_size,
  });
  return { values: { test, folds } };
}

function numpyRandom({ params, expect }: Case): Outcome {
  const values: Json = {};
  for (const [name, expected] of Object.entries<number[]>(expect)) {
    const random = new RandomState(params.seed);
    if (name === "randint32") values[name] = expected.map(() => random.uint32());
    else if (name === "random_sample") values[name] = expected.map(() => random.double());
    else if (name.startsWith("permutation_")) values[name] = random.permutation(Number(name.slice(12)));
  }
  return { values };
}
