/** The kind `prp`: saliency maps of the most similar prototypes of every image. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readViewsIndex, viewPixelsOf, type ViewsIndex } from "../lib/data/views/views_file.ts";
import {
  evenlySpread,
  type ExplainedImage,
  explanationFacts,
  explanationName,
  prototypeSources,
} from "../lib/explain/explained_images.ts";
import { frameOf } from "../lib/explain/explained_model.ts";
import { ImageExplainer } from "../lib/explain/image_explainer.ts";
import { requireMethod, SALIENCY_METHODS } from "../lib/explain/methods.ts";
import { encodeSaliency, writeSaliencyIndex } from "../lib/explain/saliency_files.ts";
import { defineTask, type TaskContext } from "../lib/flow/kind.ts";
import { SALIENCY_PERCENTILE } from "../lib/metrics/masks/percentile_mask.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { readDescription } from "../lib/models/model_folder.ts";
import { definitionOf } from "../lib/models/models.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { ViewMasks } from "../lib/segment/view_masks.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

const params = z.strictObject({
  /**
   * `prp`: prototype relevance propagation; `upscale`: the map of similarities, resized (models that compare positions);
   * `mask`: the mask of the view that is most similar to the prototype (models that compare views).
   */
  method: z.enum(SALIENCY_METHODS).default("prp"),
  /** The number of prototypes to explain per image: those most similar to it. */
  prototypes: z.int().positive().default(5),
  /** Explain only this many images, spread evenly over the split. */
  limit: z.int().positive().optional(),
  /** The percentile for binary masks of the maps; values that no such mask needs are not stored. */
  percentile: z.number().min(0).max(100).default(SALIENCY_PERCENTILE),
  /** The seed of noise in the logits of models that have any; the noise differs between images. */
  seed: z.int().nonnegative().default(0),
  fidelity: MODEL_FLAWS.param(["pairwise_similarity", "evaluation_noise"] as const),
  ...precision,
});

type Context = TaskContext<z.output<typeof params>>;

/** Files and models that are opened once and used for many images. */
interface Prepared {
  readonly explainer: ImageExplainer;
  readonly images: ReadonlyMap<string, ExplainedImage>;
  readonly masks?: ViewMasks;
}

export default defineTask({
  name: "prp",
  about: "find the pixels that make each image similar to prototypes",
  params,
  inputs: ({ method }) => ({
    model: { about: "a trained model" },
    views: { about: "the views of a split" },
    sources: {
      about:
        "the list of prototypes from the kind project; if given, only the prototypes are explained, each in its own view",
      optional: true,
    },
    ...(method === "mask"
      ? {
        data: { about: "the data set of the views" },
        masks: { about: "a folder of mask sets, one file per image" },
      }
      : {}),
  }),
  outputs: ["saliency"],
  resources: { cpu: 2 },
  permissions: nativeLibraries,
  items: {
    list(context) {
      requireMethod(context.params.method, definitionIn(context.input("model")));
      const index = readViewsIndex(context.input("views"));
      const pixels = viewPixelsOf(context.input("views"), index);
      const masks = viewMasks(context);
      const items = explainedImages(context, index).map((image) => {
        const files = masks?.files(image.sample);
        return {
          id: explanationName(image),
          files: { model: ["."], ...(files && { data: [files.data], masks: [files.masks] }) },
          facts: explanationFacts(image, index, pixels),
        };
      });
      pixels.close();
      return items;
    },
    prepare(context): Prepared {
      const { input, params: { method, seed, fidelity } } = context;
      const folders = { model: input("model"), views: input("views") };
      const explainer = new ImageExplainer(folders, {
        method,
        seed,
        evaluationNoise: fidelity.evaluation_noise,
        session: sessionOptions(context),
      });
      const images = explainedImages(context, explainer.index);
      return {
        explainer,
        images: new Map(images.map((image) => [explanationName(image), image])),
        masks: viewMasks(context),
      };
    },
    async runItem({ params, output }, { id }, { explainer, images, masks }: Prepared) {
      const { prototypes, percentile, fidelity: { pairwise_similarity: fidelity } } = params;
      const saliency = await explainer.explain(images.get(id)!, { prototypes, percentile, fidelity, masks });
      Deno.writeFileSync(output("saliency"), encodeSaliency(saliency));
    },
    collect(context, results) {
      const { params: { method, seed, percentile, fidelity }, input, output } = context;
      const index = readViewsIndex(input("views"));
      const folder = output("saliency");
      Deno.mkdirSync(folder);
      const samples = explainedImages(context, index).map((image) => {
        const { id, name, label } = image.sample;
        const item = explanationName(image);
        const file = `${item}.safetensors.gz`;
        copyFileSync(results.path(item, "saliency"), join(folder, file));
        return { id, name, label, file };
      });
      const { split, width, height } = index;
      const frame = frameOf(definitionIn(input("model")));
      const relevance = fidelity.pairwise_similarity;
      const head = { method, frame, seed, relevance, percentile, split, width, height };
      writeSaliencyIndex(folder, { ...head, samples });
    },
  },
});

function explainedImages({ params, inputs }: Context, { samples }: ViewsIndex): ExplainedImage[] {
  const [sources] = inputs("sources");
  const images = sources === undefined
    ? samples.map((sample): ExplainedImage => ({ sample }))
    : prototypeSources(sources, samples);
  return evenlySpread(images, params.limit);
}

/** The definition of the model in a folder. */
function definitionIn(folder: string) {
  return definitionOf(readDescription(folder).model);
}

/** The masks of the views, if the method needs them. */
function viewMasks({ params, input }: Context): ViewMasks | undefined {
  return params.method === "mask" ? new ViewMasks(input("data"), input("masks")) : undefined;
}
