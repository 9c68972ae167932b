/** The kind `prototype-images`: finds the images that are most similar to each prototype. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { readModel } from "../lib/models/model_folder.ts";
import { definitionOf } from "../lib/models/models.ts";
import { nearestImages } from "../lib/models/projection/nearest_images.ts";
import { writePrototypes } from "../lib/models/projection/prototype_list.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { withViewsInOrder } from "./training/views_in_order.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "prototype-images",
  about: "find the images that are most similar to each prototype",
  params: z.strictObject({
    /** The number of images for each prototype. */
    images: z.int().positive().default(1),
    /** The seed of noise in the similarities, if the model has any. */
    seed: z.int().nonnegative().default(0),
    ...precision,
  }),
  inputs: {
    model: { about: "a trained model" },
    views: { about: "the views of a split; those of the training set show what prototypes stand for" },
  },
  /** A JSON array of `{prototype, sample, name, view, position?, similarity}`. */
  outputs: ["prototypes"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { params: { images, seed }, input, output } = context;
    const { description, model, state } = readModel(input("model"));
    const { sees, study: { batchSize } } = definitionOf(description.model);
    const { found, samples } = await withViewsInOrder(
      context,
      { description, model, batchSize, seed },
      async (batches, { samples }) => ({
        found: await nearestImages(model, state, batches, images, sessionOptions(context)),
        samples,
      }),
    );
    writePrototypes(
      output("prototypes"),
      found.map(({ prototype, image, position: [row, column], similarity }) => {
        const { id, name } = samples[image];
        if (sees === "views") return { prototype, sample: id, name, view: row, similarity };
        return { prototype, sample: id, name, view: 0, position: [row, column], similarity };
      }),
    );
  },
});
