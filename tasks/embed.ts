/**
 * The kind `embed`: computes the embedding of every image with a promptable model, so that changed thresholds
 * don't rerun the encoder.
 */
import { join } from "node:path";
import { sampleFileName } from "../lib/data/data_set.ts";
import { readDataSetIndex } from "../lib/data/data_set_index.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import type { StorableModel } from "../lib/segment/automatic_masks/promptable_model.ts";
import { writeEmbeddings } from "../lib/segment/automatic_masks/promptable_segmenter.ts";
import { EMBEDDING_MODELS, embeddingParameters } from "../lib/segment/methods/embedding.ts";
import { wholeInputs } from "../lib/segment/methods/method.ts";
import { decodeImage } from "../lib/vision/decode.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

/**
 * Each image and crop takes 4 MB with MobileSAM and 26 MB with SAM 2. Use this kind if few images are
 * segmented many times, as in tuning. Without it, `segment` computes the embeddings itself and does not store
 * them.
 */
export default defineTask({
  name: "embed",
  about: "embed every image for a promptable segmentation model",
  params: embeddingParameters.extend(precision),
  inputs: ({ name }) => ({ data: { about: "a data set" }, ...EMBEDDING_MODELS[name].inputs }),
  outputs: ["embeddings"],
  permissions: nativeLibraries,
  resources: { cpu: 4 },
  items: {
    list: ({ params, input }) =>
      readDataSetIndex(input("data")).samples.map((sample) => ({
        id: sampleFileName(sample),
        files: { data: [sample.image], ...wholeInputs(EMBEDDING_MODELS[params.name].inputs) },
      })),
    prepare(context): Promise<StorableModel<unknown>> {
      const { params, inputs, log } = context;
      return EMBEDDING_MODELS[params.name].open({ inputs, log, session: sessionOptions(context) });
    },
    async runItem({ params, input, output }, { files }, model: StorableModel<unknown>) {
      const folder = output("embeddings");
      Deno.mkdirSync(folder);
      const image = await decodeImage(join(input("data"), files.data[0]));
      await writeEmbeddings(image, model, params, folder);
    },
  },
});
