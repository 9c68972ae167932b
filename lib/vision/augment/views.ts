/** The training pipelines of the four models: the transforms of an image, and those of each of its views. */

import type { StreamId } from "../../tensor/random.ts";
import type { Image } from "../image.ts";
import { applyOperations } from "./apply.ts";
import { drawOperations } from "./draw.ts";
import type { Border } from "./remap.ts";
import { type Level, pipeline, type PipelineName, type Transform } from "./transforms.ts";

/** How the views of an image are augmented. */
export interface Recipe {
  /** Drawn and applied once an image. */
  readonly shared: readonly Transform[];
  /** Drawn and applied separately for each view. */
  readonly separate: readonly Transform[];
  readonly views: number;
}

/** A pipeline and how wide its ranges are. */
export type Stage = readonly [name: PipelineName, level: Level];

/**
 * The recipe of a model that sees one augmented image: all stages in their order. ProtoPNet and ProtoPool use
 * geometric and photometric, ProtoMask (for each mask's view) protomask and photometric, all at `medium`.
 */
export function oneView(stages: readonly Stage[], border: Border): Recipe {
  return { shared: transformsOf(stages, border), separate: [], views: 1 };
}

/**
 * The recipe of PIP-Net, which learns from two views of an image: the first stage (geometric, `medium`) is
 * shared, the rest (pipnet, `large`) is applied to its result twice, independently.
 */
export function twoViews(stages: readonly Stage[], border: Border): Recipe {
  return {
    shared: transformsOf(stages.slice(0, 1), border),
    separate: transformsOf(stages.slice(1), border),
    views: 2,
  };
}

function transformsOf(stages: readonly Stage[], border: Border): readonly Transform[] {
  return stages.flatMap(([name, level]) => pipeline(name, level, border));
}

/**
 * The augmented views of a resized image, before normalisation.
 *
 * @param stream names the run's seed, the purpose, the epoch and the image; the views draw from streams of
 *   their own
 */
export async function augmentViews(source: Image, recipe: Recipe, stream: StreamId): Promise<Image[]> {
  const common = await applyOperations(source, drawOperations(recipe.shared, source, stream));
  const views: Image[] = [];
  for (let view = 0; view < recipe.views; view++) {
    const own = { ...stream, purpose: `${stream.purpose} view ${view}` };
    views.push(await applyOperations(common, drawOperations(recipe.separate, source, own)));
  }
  return views;
}
