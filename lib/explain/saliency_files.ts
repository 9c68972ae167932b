/**
 * Stores the saliency of the images of a split in a folder. `saliency.json` describes the method and lists
 * the images. Each image has a gzip-compressed safetensors file with
 *
 *     logits        float32 [classes]
 *     scores        float32 [P]        of all prototypes: what the last layer weighs
 *     places        int32 [P]          where the image resembles each of them most, as an index into
 *     grid          int32 [2]          the map of similarity: the feature map, or the distinct views × 1
 *     prototypes    int32 [k]          the explained prototypes, most similar first
 *     similarities  float32 [k]        between the image and each of them
 *     views         int32 [k]          the index of the view in which each is explained
 *     frame.*                          k maps in the frame that `saliency.json` names, {@link SparseMaps}
 *     view.*                           k maps in these views, if the frame is the image and the method maps views
 *
 * Relevance maps are stored only as far as their percentile masks need them: the masks, and the values inside
 * the masks, are exact.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "fflate";
import { z } from "zod";
import { FIDELITIES } from "../fidelity.ts";
import { readJson } from "../json/read_json.ts";
import { decodeSafetensors } from "../nn/checkpoint/safetensors.ts";
import { encodeSafetensors } from "../nn/checkpoint/safetensors_writer.ts";
import { requireFinite } from "../nn/finite.ts";
import { type HostTensor, hostTensor } from "../tensor/host_tensor.ts";
import { SALIENCY_METHODS } from "./methods.ts";
import { denseMaps, type SparseMaps, sparseMaps } from "./sparse_maps.ts";

const FORMAT = "protoflow saliency 1";
const INDEX_FILE = "saliency.json";

const indexSchema = z.strictObject({
  format: z.literal(FORMAT),
  method: z.enum(SALIENCY_METHODS),
  /**
   * The frame of the maps: the whole image, or the view that the model sees of it. In either case it is resized to
   * `width` × `height`.
   */
  frame: z.enum(["image", "view"]).default("image"),
  /** The seed of noise in the logits, if the model has any. */
  seed: z.int().nonnegative().default(0),
  /** The rule by which the relevance of a similarity is distributed over channels; absent: as in the reference. */
  relevance: z.enum(FIDELITIES).optional(),
  /**
   * The percentile that decides which values of a map are stored; the method `mask` stores complete masks.
   */
  percentile: z.number().min(0).max(100),
  split: z.enum(["train", "test"]),
  /** The size, in pixels, of the views and of the frame. */
  width: z.int().positive(),
  height: z.int().positive(),
  samples: z.array(z.strictObject({
    id: z.int().nonnegative(),
    name: z.string(),
    label: z.int().nonnegative(),
    /** The name of the image's file in the folder. */
    file: z.string().regex(/^[^/\\]+$/),
  })),
});

/** The content of `saliency.json`: how the maps were made, and the images in order. */
export type SaliencyIndex = z.output<typeof indexSchema>;

/** A file that is not a saliency file of an image, or whose saliency is unsuitable for its use. */
export class SaliencyFileError extends Error {
  override readonly name = "SaliencyFileError";
}

/** The explanations of one image. */
export interface ImageSaliency {
  /** [classes], of the explained network */
  readonly logits: HostTensor<"float32">;
  /** [P], of all prototypes: what the last layer weighs to make the logits */
  readonly scores: HostTensor<"float32">;
  /** By prototype, the row-major index of the place that is most similar to it in the map of similarity. */
  readonly places: readonly number[];
  /** The rows and columns of that map: those of the feature map; for views, their distinct rows and 1. */
  readonly grid: readonly [rows: number, columns: number];
  /** The explained prototypes, most similar first, and the image's similarity to each of them. */
  readonly prototypes: readonly number[];
  readonly similarities: readonly number[];
  /** For each explained prototype, the index of the view in which it is explained. */
  readonly views: readonly number[];
  /** [k, height, width] in the frame of the folder */
  readonly maps: HostTensor<"float32">;
  /** [k, height, width] of the views, if the method computes maps of views that are not the frame */
  readonly viewMaps?: HostTensor<"float32">;
}

/** Writes `saliency.json` into `folder`, which must exist. */
export function writeSaliencyIndex(
  folder: string,
  { samples, ...head }: Omit<SaliencyIndex, "format">,
): void {
  const text = JSON.stringify({ format: FORMAT, ...head }).slice(0, -1);
  const lines = samples.map((sample) => JSON.stringify(sample)).join(",\n");
  writeFileSync(join(folder, INDEX_FILE), `${text},"samples":[\n${lines}\n]}\n`);
}

/**
 * The content of `saliency.json` of a folder.
 *
 * @throws {JsonFileError} if the file is missing or malformed.
 */
export function readSaliencyIndex(folder: string): SaliencyIndex {
  return readJson(join(folder, INDEX_FILE), indexSchema, "saliency");
}

/**
 * The bytes of an image's file.
 *
 * @throws {NotFiniteError} if a logit, a similarity or a map is not finite.
 */
export function encodeSaliency(saliency: ImageSaliency): Uint8Array {
  const { logits, scores, places, grid, prototypes, similarities, views, maps, viewMaps } = saliency;
  const integers = (values: readonly number[]) =>
    hostTensor("int32", [values.length], Int32Array.from(values));
  const tensors = new Map<string, HostTensor>([
    ["logits", logits],
    ["scores", scores],
    ["places", integers(places)],
    ["grid", integers(grid)],
    ["prototypes", integers(prototypes)],
    ["similarities", hostTensor("float32", [similarities.length], Float32Array.from(similarities))],
    ["views", integers(views)],
    ...named("frame", maps),
    ...(viewMaps ? named("view", viewMaps) : []),
  ]);
  requireFinite(tensors, "an explanation", "it is not stored: check the explained model");
  return gzipSync(encodeSafetensors(tensors, { format: FORMAT }), { mtime: 0 });
}

function named(prefix: string, maps: HostTensor<"float32">): [string, HostTensor][] {
  return Object.entries(sparseMaps(maps)).map(([name, tensor]) => [`${prefix}.${name}`, tensor]);
}

/**
 * The explanations in an image's file. Where the frame is the view, the maps are also those of the views.
 *
 * @throws {SaliencyFileError} if the file is missing, damaged or differs in size from the index.
 */
export function readSaliency(
  folder: string,
  file: string,
  { width, height, frame }: Pick<SaliencyIndex, "width" | "height" | "frame">,
): ImageSaliency {
  const path = join(folder, file);
  try {
    const tensors = decodeSafetensors(gunzipSync(readFileSync(path)), path);
    const tensor = <T extends HostTensor>(name: string): T => {
      const found = tensors.get(name);
      if (!found) throw new RangeError(`the tensor "${name}" is missing`);
      return found as T;
    };
    const numbers = (name: string) => Array.from(tensor(name).data, Number);
    const maps = (prefix: string) => {
      const sparse: SparseMaps = {
        counts: tensor(`${prefix}.counts`),
        gaps: tensor(`${prefix}.gaps`),
        values: tensor(`${prefix}.values`),
      };
      return denseMaps(sparse, height, width);
    };
    const inFrame = maps("frame");
    const [rows, columns] = numbers("grid");
    return {
      logits: tensor("logits"),
      scores: tensor("scores"),
      places: numbers("places"),
      grid: [rows, columns],
      prototypes: numbers("prototypes"),
      similarities: numbers("similarities"),
      views: numbers("views"),
      maps: inFrame,
      ...(frame === "view" && { viewMaps: inFrame }),
      ...(tensors.has("view.counts") && { viewMaps: maps("view") }),
    };
  } catch (cause) {
    throw new SaliencyFileError(`${path} is not a saliency file of an image: ${(cause as Error).message}`, {
      cause,
    });
  }
}
