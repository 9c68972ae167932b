/**
 * The evaluation of one trained model in a file of JSON: the figures of the tables, and the images and prototypes behind
 * them. Numbers that JSON lacks are the texts "NaN", "Infinity" and "-Infinity" in the file.
 */

import { writeFileSync } from "node:fs";
import { z } from "zod";
import { SALIENCY_METHODS } from "../explain/methods.ts";
import { readJson } from "../json/read_json.ts";

const FORMAT = "protoflow evaluation 1";

/** The figures of the first table: performance and compactness. Performance and sparsity are in percent. */
export const PERFORMANCE_COLUMNS = [
  "Accuracy",
  "top-3 Accuracy",
  "F1 score",
  "Global Size",
  "Sparsity",
  "NPR",
] as const;

/** The figures of the second: contrastivity and complexity. All but the distances (PD) and IOR are in percent. */
export const EXPLANATION_COLUMNS = [
  "VLC",
  "Intra PD",
  "Inter PD",
  "Object Overlap",
  "Background Overlap",
  "IOR",
  "Consistency",
] as const;

const figure = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]).transform(Number);

const index = z.int().nonnegative();

/** A number for the predicted class, and one for the class that it is compared with. */
const both = z.tuple([figure, figure]);

const decisionSchema = z.strictObject({
  /** The class that the predicted one is compared with: the image's own, or if that is the predicted one, the second. */
  against: index,
  logits: both,
  /** The prototypes whose contributions to the two logits differ most: score × weight. */
  prototypes: z.array(z.strictObject({
    prototype: index,
    /** What the last layer weighs: the largest similarity, or what the model makes of it. */
    score: figure,
    /** The view that is most similar to it. */
    view: index,
    /** For models that compare positions: the most similar one, and the size of the feature map. */
    cell: z.tuple([index, index, z.int().positive(), z.int().positive()]).optional(),
    weights: both,
  })),
  /** The sums of the contributions of all other prototypes. */
  rest: both,
});

const sampleSchema = z.strictObject({
  /** Its id in the data set. */
  id: index,
  name: z.string(),
  label: index,
  isCorrect: z.boolean(),
  isInTop3: z.boolean(),
  /** The classes with the highest logits, the highest first. */
  classes: z.array(z.strictObject({ label: index, logit: figure })),
  /** The prototypes that the image is most similar to, each with its most similar view by its place, the highest first. */
  top: z.array(z.strictObject({ prototype: index, similarity: figure, view: index })),
  /**
   * What made the model choose its class; absent for a model with one class or with logits of another form, and in files of
   * older versions.
   */
  decision: decisionSchema.optional(),
  /** The image's contribution to each figure; absent for figures of explanations if it was not explained. */
  values: z.record(z.string(), figure),
});

const prototypeSchema = z.strictObject({
  prototype: index,
  /** Its class; absent if classes share prototypes. */
  label: index.optional(),
  /** Its weight for its own class; if it has none, the largest of its weights for classes. */
  weight: figure,
  /** Without a class of its own: the classes for which it has the largest weights, the largest first, all above 0. */
  classes: z.array(z.strictObject({ label: index, weight: figure })).optional(),
  /** Whether it is used by any class; the global size counts these. */
  isActive: z.boolean(),
  /** The images that have it among their top prototypes. */
  occurrences: index,
  /** The other prototype that is most like it, and the root mean square of the differences of their elements. */
  nearest: z.strictObject({ prototype: index, difference: figure }).optional(),
  /** How consistently it points at the same parts, in percent; where it occurs and parts are known. */
  consistency: figure.optional(),
});

const partDropSchema = z.strictObject({
  /** The part's name. */
  part: z.string(),
  /** The number of its pixels in the image, and in the view that explains the prototype. */
  pixels: index,
  pixelsInView: index,
  /** The share of the saliency on parts that lies on it. */
  relevance: figure,
  /** The prototype's similarity to the image, minus that to the image without the part. */
  drop: figure,
});

/** Shares of the cases: for the part pointed at, for one chosen at random, for the one of the most pixels. */
const shareSchema = z.strictObject({ share: figure, chance: figure, biggest: figure });

const comparisonSchema = z.strictObject({
  /** `first`: each image's most similar prototype; `all`: all of its top prototypes. */
  prototypes: z.enum(["first", "all"]),
  /** The parts compared: all seen in the image, or those seen in the view that explains the prototype. */
  parts: z.enum(["image", "view"]),
  /** Pairs of image and prototype that point at a part, and have another to compare it with. */
  cases: index,
  /** The share of cases in which the drop without the part pointed at exceeds the mean drop without the others. */
  aboveMean: shareSchema,
  /** The share of cases in which it exceeds all other drops. */
  largest: shareSchema,
});

const evaluationSchema = z.strictObject({
  format: z.literal(FORMAT),
  split: z.enum(["train", "test"]),
  /** How images were explained; absent if none was. */
  method: z.enum(SALIENCY_METHODS).optional(),
  /**
   * What VLC and Consistency compare: evaluations with different values are not comparable in these figures. Absent if
   * no image was explained, and in files of older versions, which compare masks.
   */
  regions: z.enum(["masks", "boxes"]).optional(),
  /** Top prototypes of an image. */
  k: z.int().positive(),
  batchSize: z.int().positive(),
  /** The choice for each flaw of the metrics. */
  fidelity: z.record(z.string(), z.string()),
  /** Names by label. */
  classes: z.array(z.string()),
  /** The requested figures of the tables, by name; those that can't be computed are in `omitted`. */
  results: z.record(z.string(), figure),
  /** Why a figure, or `part removal`, is missing, by name. */
  omitted: z.record(z.string(), z.string()),
  /** How many of the images were explained. */
  explained: index,
  samples: z.array(sampleSchema),
  prototypes: z.array(prototypeSchema),
  /** On drawn birds: what happens to prototypes when parts are removed from images. */
  partRemoval: z.strictObject({
    comparisons: z.array(comparisonSchema),
    cases: z.array(z.strictObject({
      sample: index,
      prototype: index,
      /** Its rank among the image's top prototypes, from 0. */
      rank: index,
      /** The part pointed at; absent if no saliency lies on a part. */
      pointedAt: z.string().optional(),
      parts: z.array(partDropSchema),
    })),
  }).optional(),
});

/** The content of an evaluation file. */
export type Evaluation = Omit<z.output<typeof evaluationSchema>, "format">;
/** The entry of one image in an evaluation. */
export type EvaluatedSample = Evaluation["samples"][number];
export type EvaluatedPrototype = Evaluation["prototypes"][number];
export type PartRemoval = NonNullable<Evaluation["partRemoval"]>;

/** Writes the evaluation to `path`, a line for each sample and prototype. */
export function writeEvaluation(path: string, { samples, prototypes, ...head }: Evaluation): void {
  const text = (value: unknown) =>
    JSON.stringify(
      value,
      (_, inner) => typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner,
    );
  const lines = (values: readonly unknown[]) => `[\n${values.map(text).join(",\n")}\n]`;
  writeFileSync(
    path,
    `${text({ format: FORMAT, ...head }).slice(0, -1)},"samples":${lines(samples)},"prototypes":${
      lines(prototypes)
    }}\n`,
  );
}

/**
 * The evaluation that {@link writeEvaluation} wrote.
 *
 * @throws {JsonFileError} when the file is missing or of another form.
 */
export function readEvaluation(path: string): Evaluation {
  const { format: _, ...evaluation } = readJson(path, evaluationSchema, "an evaluation");
  return evaluation;
}
