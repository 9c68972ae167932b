/** What the kind `warm-up` needs: a whole GPU for its training. */
import { defineDemand } from "../../lib/flow/demand.ts";
import type { BackboneSource } from "../../lib/models/backbone_source.ts";
import type { ModelDescription } from "../../lib/models/model_folder.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import { sizesOf, type ViewSizes } from "./sizes.ts";
import { trainingCost, type TrainingParams } from "./training_cost.ts";

interface Params extends TrainingParams {
  readonly model: TrainingParams["model"] & { readonly name: string };
  readonly backbone: BackboneSource;
}

const RESNET_50 = { block: "bottleneck", layers: [3, 4, 6, 3], width: 64 } as const;

/** The demand of the kind `warm-up`. */
export default defineDemand<Params>({
  gpu: 1,
  estimate(params, inputs) {
    const views = sizesOf<ViewSizes>(inputs, "views", "views");
    if (views === undefined) return undefined;
    const { name, coefs: _, ...architecture } = params.model!;
    const { block, layers, width } = params.backbone.weights === "keras" ? RESNET_50 : params.backbone;
    const description = {
      model: name,
      backbone: { block, layers: [...layers], width, strides: layers.map((_, i) => i === 0 ? 1 : 2) },
      classes: Array.from({ length: views.classes }, (_, i) => String(i)),
      ...architecture,
      width: views.width,
      height: views.height,
      viewsPerImage: views.views,
      colors: IMAGENET,
    } as unknown as ModelDescription;
    const validation = sizesOf<ViewSizes>(inputs, "validation", "views");
    return trainingCost(description, "warmup", params, { views, validation });
  },
});
