/** What the kind `prp` needs: a quarter of a GPU, which waits for maps to be written. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { answerCost } from "./model_cost.ts";
import {
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

/** A sweep of relevance takes two convolutions and their adjoints for each layer of one view. */
const SWEEP = 6;
/** Sorting and packing a map by its pixels, in seconds, and the bytes that are kept of it. */
const SECONDS_A_PIXEL = 1e-6;
const BYTES_A_PIXEL = 0.3;

/** The demand of the kind `prp`. With the list of prototypes as input, each is explained in its own view. */
export default defineDemand<Params>({
  gpu: 0.25,
  estimate({ method, prototypes, limit = Infinity }, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    const model = sizesOf<ModelSizes>(inputs, "model", "description");
    if (views === undefined || model === undefined) return undefined;
    const { description } = model;
    const explained = (inputs.sources ?? []).length > 0
      ? prototypesOf(description, views.classes)
      : views.images * prototypes;
    const images = Math.min(limit, views.images, explained);
    const maps = Math.min(explained, images * prototypes);
    const { flop, bytes } = answerCost(description, 1);
    const area = views.width * views.height;
    const sweep = method === "prp" ? SWEEP * flop / views.views : 0;
    return estimated({
      images,
      flop: images * flop + maps * sweep,
      seconds: maps * area * SECONDS_A_PIXEL,
      bytes: 2 * maps * area * BYTES_A_PIXEL,
      memoryMB: memoryMB(4e8 + 8 * bytes * prototypes / views.views),
    }, { images, maps } satisfies SaliencySizes);
  },
});

function prototypesOf(description: ModelSizes["description"], classes: number): number {
  if (description.keptPrototypes) return description.keptPrototypes.length;
  if ("prototypesPerClass" in description) return description.prototypesPerClass * classes;
  return "prototypes" in description ? description.prototypes : 2048;
}
