/** The kind `project`: replaces every prototype by a view, or a position of a feature map, of the training set. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { modelOf } from "../lib/models/model_folder.ts";
import { definitionOf } from "../lib/models/models.ts";
import { candidateColumns, project } from "../lib/models/projection/project.ts";
import { writePrototypes } from "../lib/models/projection/prototype_list.ts";
import { isProjectable } from "../lib/models/prototypes/prototype_model.ts";
import { readState, writeState } from "../lib/models/training/state/state_files.ts";
import { seenShape } from "../lib/models/training/phase/view_batches.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { withViewsInOrder } from "./training/views_in_order.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "project",
  about: "replace every prototype by the nearest place of its class",
  params: z.strictObject({
    /** Images per batch; the result of the reference depends on it. Default: the model's batch size in the study. */
    batchSize: z.int().positive().optional(),
    fidelity: MODEL_FLAWS.param(["projection"] as const),
    ...precision,
  }),
  inputs: {
    state: { about: "the state after the joint phase" },
    views: { about: "the views of the training set" },
  },
  /** `prototypes`: a JSON array of `{prototype, sample, name, view, position?, distance}`. */
  outputs: ["state", "prototypes"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { params, input, output, log } = context;
    const { state, description } = readState(input("state"));
    const model = modelOf(description);
    const { sees, study } = definitionOf(description.model);
    if (!isProjectable(model)) {
      throw new Error(
        `the prototypes of ${description.model} belong to no class and can't be projected: remove this task, and ` +
          "find the images that are most similar to them with the kind prototype-images",
      );
    }
    const { batchSize = study.batchSize } = params;
    const options = sessionOptions(context);
    const { projected, index } = await withViewsInOrder(
      context,
      { description, model, batchSize },
      async (batches, index) => ({
        projected: await project(model, state.model, batches, params.fidelity.projection, options),
        index,
      }),
    );
    const { samples, viewsPerImage } = index;
    writeState(output("state"), { ...state, model: projected.state }, description);
    const columns = candidateColumns(model, seenShape(sees, 1, { ...index, views: viewsPerImage }));
    const sources = projected.sources.map(({ prototype, image, candidate, distance }) => {
      const { id, name } = samples[image];
      if (columns === undefined) return { prototype, sample: id, name, view: candidate, distance };
      const position: [number, number] = [Math.floor(candidate / columns), candidate % columns];
      return { prototype, sample: id, name, view: 0, position, distance };
    });
    const shown = new Set(sources.map(({ sample, view, position }) => `${sample} ${view} ${position}`));
    const place = columns === undefined ? "views" : "positions";
    log(
      `${sources.length} prototypes were replaced by ${shown.size} different ${place}` +
        (shown.size < sources.length ? `; prototypes of the same ${place} are now equal` : ""),
    );
    writePrototypes(output("prototypes"), sources);
  },
});
