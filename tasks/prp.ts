/** The kind `prp`: saliency maps of the most similar prototypes of every image. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type IndexedSample, readDataSetIndex } from "../lib/data/data_set_index.ts";
import { readViewsIndex, ViewPixels, type ViewsIndex } from "../lib/data/views/views_file.ts";
import {
  evenlySpread,
  type ExplainedImage,
  explanationFacts,
  explanationName,
  normalizedRows,
  prototypeSources,
} from "../lib/explain/explained_images.ts";
import { explanationHead, relevanceOfImage, topPrototypes } from "../lib/explain/image_saliency.ts";
import { masksInFrame } from "../lib/explain/mask_saliency.ts";
import { ProtoMaskExplainer } from "../lib/explain/protomask_explainer.ts";
import { encodeSaliency, SALIENCY_METHODS, writeSaliencyIndex } from "../lib/explain/saliency_files.ts";
import { defineTask, type TaskContext } from "../lib/flow/kind.ts";
import { SALIENCY_PERCENTILE } from "../lib/metrics/masks/percentile_mask.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { readModel } from "../lib/models/model_folder.ts";
import { requireViewsFor } from "../lib/models/training/phase/initial_training.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { maskSetFile, parseMaskSet } from "../lib/segment/mask_set.ts";
import { decodeOverWhite } from "../lib/vision/decode.ts";
import type { ColorStatistics } from "../lib/vision/normalize.ts";
import { nativeLibraries } from "./permissions.ts";

const params = z.strictObject({
  /**
   * `prp`: prototype relevance propagation; `mask`: the mask of the view that is most similar to the
   * prototype.
   */
  method: z.enum(SALIENCY_METHODS).default("prp"),
  /** The number of prototypes to explain per image: those most similar to it. */
  prototypes: z.int().positive().default(5),
  /** Explain only this many images, spread evenly over the split. */
  limit: z.int().positive().optional(),
  /** The percentile for binary masks of the maps; values that no such mask needs are not stored. */
  percentile: z.number().min(0).max(100).default(SALIENCY_PERCENTILE),
  fidelity: MODEL_FLAWS.param(["pairwise_similarity"] as const),
});

type Context = TaskContext<z.output<typeof params>>;

/** Files and models that are opened once and used for many images. */
interface Prepared {
  readonly index: ViewsIndex;
  readonly pixels: ViewPixels;
  readonly images: ReadonlyMap<string, ExplainedImage>;
  readonly explainer: ProtoMaskExplainer;
  readonly colors: ColorStatistics;
  readonly samples?: ReadonlyMap<number, IndexedSample>;
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
      const index = readViewsIndex(context.input("views"));
      const pixels = new ViewPixels(context.input("views"), index);
      const samples = samplesById(context);
      const items = explainedImages(context, index).map((image) => {
        const indexed = samples?.get(image.sample.id);
        return {
          id: explanationName(image),
          files: {
            model: ["."],
            ...(indexed && { data: [indexed.image], masks: [maskSetFile(indexed)] }),
          },
          facts: explanationFacts(image, index, pixels),
        };
      });
      pixels.close();
      return items;
    },
    prepare(context): Prepared {
      const { input } = context;
      const index = readViewsIndex(input("views"));
      const { description, model, state } = readModel(input("model"));
      requireViewsFor(description, index, input("views"));
      const { backbone, colors } = description;
      return {
        index,
        colors,
        pixels: new ViewPixels(input("views"), index),
        images: new Map(explainedImages(context, index).map((image) => [explanationName(image), image])),
        explainer: new ProtoMaskExplainer({ model, backbone, state, colors }, sessionOptions(context)),
        samples: samplesById(context),
      };
    },
    async runItem(context, { id }, prepared: Prepared) {
      const { index, colors, pixels, images, explainer, samples } = prepared;
      const { params, output } = context;
      const image = images.get(id)!;
      const { sample } = image;
      const views = normalizedRows(sample, index, pixels, colors);
      const similarity = await explainer.similarities(views);
      const chosen = image.chosen ?? topPrototypes(similarity, sample, params.prototypes);
      const frame = { width: index.width, height: index.height };
      const maps = samples
        ? {
          maps: masksInFrame(
            await decodeOverWhite(join(context.input("data"), samples.get(sample.id)!.image)),
            chosen.map(({ view }) => maskRuns(context, image, view)),
            frame,
          ),
        }
        : await relevanceOfImage(explainer, sample, views, chosen, {
          frame,
          percentile: params.percentile,
          fidelity: params.fidelity.pairwise_similarity,
        });
      const saliency = { ...explanationHead(similarity, sample, chosen), ...maps };
      Deno.writeFileSync(output("saliency"), encodeSaliency(saliency));
    },
    collect(context, results) {
      const { params: { method, percentile }, input, output } = context;
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
      writeSaliencyIndex(folder, { method, percentile, split, width, height, samples });
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

/** The data set's samples, if the method needs their files; otherwise undefined. */
function samplesById({ params, input }: Context): Map<number, IndexedSample> | undefined {
  if (params.method !== "mask") return undefined;
  return new Map(readDataSetIndex(input("data")).samples.map((sample) => [sample.id, sample]));
}

/** The mask of a view of an image. */
function maskRuns({ input }: Context, { sample }: ExplainedImage, view: number) {
  const file = maskSetFile(sample);
  const { masks } = parseMaskSet(readFileSync(join(input("masks"), file), "utf8"), file);
  return masks[sample.rows[sample.views[view]].mask].runs;
}
