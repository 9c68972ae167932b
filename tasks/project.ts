/** The kind `project`: replaces every prototype by a view of the training set. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { modelOf } from "../lib/models/model_folder.ts";
import { requireViewsFor } from "../lib/models/training/phase/initial_training.ts";
import { project } from "../lib/models/projection/project.ts";
import { writePrototypes } from "../lib/models/projection/prototype_list.ts";
import { readState, writeState } from "../lib/models/training/state/state_files.ts";
import { ViewSet } from "../lib/models/training/phase/view_batches.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { nativeLibraries } from "./permissions.ts";

export default defineTask({
  name: "project",
  about: "replace every prototype by the nearest view of its class",
  params: z.strictObject({
    /** Images per batch; the result of the reference depends on it. */
    batchSize: z.int().positive().default(16),
    fidelity: MODEL_FLAWS.param(["projection"] as const),
  }),
  inputs: {
    state: { about: "the state after the joint phase" },
    views: { about: "the views of the training set" },
  },
  /** `prototypes`: a JSON array of `{prototype, sample, name, view, distance}`. */
  outputs: ["state", "prototypes"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { params, input, output, progress, log } = context;
    const { state, description } = readState(input("state"));
    const model = modelOf(description);
    const views = new ViewSet(input("views"), { colors: description.colors, batchSize: params.batchSize });
    requireViewsFor(description, views.index, input("views"));
    const { samples } = views.index;
    async function* watched() {
      let done = 0;
      for await (const batch of views.inOrder()) {
        yield batch;
        done += batch.labels.data.length;
        progress({ done, total: samples.length, unit: "images" });
      }
    }
    const options = sessionOptions(context);
    const projected = await project(model, state.model, watched(), params.fidelity.projection, options);
    views.close();
    writeState(output("state"), { ...state, model: projected.state }, description);
    const sources = projected.sources.map(({ prototype, image, candidate, distance }) => {
      const { id, name } = samples[image];
      return { prototype, sample: id, name, view: candidate, distance };
    });
    const shown = new Set(sources.map(({ sample, view }) => `${sample} ${view}`));
    log(
      `${sources.length} prototypes were replaced by ${shown.size} different views` +
        (shown.size < sources.length ? "; prototypes with the same view are now equal" : ""),
    );
    writePrototypes(output("prototypes"), sources);
  },
});
