/** What the kind `prp` needs: a quarter of a GPU, which waits for maps to be written. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { modelOf } from "../../lib/models/model_folder.ts";
import { bytesOf } from "../../lib/tensor/memory.ts";
import { answerCost, relevanceCost } from "./model_cost.ts";
import { operationsOf, preparationOf } from "./operations.ts";
import {
  BY_ITEM,
  estimated,
  memoryMB,
  type ModelSizes,
  type SaliencySizes,
  sizesOf,
  type ViewSizes,
} from "./sizes.ts";

interface Params {
  readonly method: "prp" | "upscale" | "mask";
  readonly prototypes: number;
  readonly limit?: number;
}

/** The largest number of maps that are computed at once. */
const MAPS_AT_ONCE = 8;
/** The part of an image's prototypes that are most similar to a view of their own. */
const VIEWS_A_PROTOTYPE = 0.6;
/** Sorting and packing a map by its pixels, in seconds, and the bytes that are kept of it. */
const SECONDS_A_PIXEL = 1e-6;
const BYTES_A_PIXEL = 0.3;

/** The demand of the kind `prp`. With the list of prototypes as input, each is explained in its own view. */
export default defineDemand<Params>({
  gpu: 0.25,
  estimate({ method, prototypes, limit = Infinity }, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const given = sizesOf<ModelSizes>(inputs, "model", "description");
    if (views === undefined || given === undefined) return undefined;
    const { description } = given;
    const explained = (inputs.sources ?? []).length > 0
      ? prototypesOf(description, views.classes)
      : views.images * prototypes;
    const images = Math.min(limit, views.images, explained);
    const maps = Math.min(explained, images * prototypes);
    const answer = answerCost(description, 1);
    const area = views.width * views.height;
    const sweeps = Math.min(MAPS_AT_ONCE, Math.max(1, Math.round(maps / images)));
    const seen = Math.max(1, Math.round(Math.min(views.views, sweeps * VIEWS_A_PROTOTYPE)));
    const model = modelOf(description).specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
    const relevance = relevanceCost(description, seen, sweeps);
    const runs = method === "prp" ? maps / sweeps : 0;
    // A program for each number of views. All stay open, with the memory that they computed in.
    const programs = runs > 0 ? Math.min(views.views, sweeps) : 0;
    return estimated({
      ...BY_ITEM,
      images,
      flop: images * answer.flop + runs * relevance.flop,
      operations: operationsOf([answer, images], [relevance, runs]),
      preparation: preparationOf(answer.nodes + programs * relevance.nodes),
      seconds: maps * area * SECONDS_A_PIXEL,
      bytes: 2 * maps * area * BYTES_A_PIXEL,
      memoryMB: memoryMB(3 * model + answer.bytes + programs * relevance.bytes, views.images, {
        computes: true,
      }),
    }, { images, maps } satisfies SaliencySizes);
  },
});

function prototypesOf(description: ModelSizes["description"], classes: number): number {
  if (description.keptPrototypes) return description.keptPrototypes.length;
  if ("prototypesPerClass" in description) return description.prototypesPerClass * classes;
  return "prototypes" in description ? description.prototypes : 2048;
}
