/** The kind `prune`: removes the prototypes whose nearest training images mostly show other classes. */
import { z } from "zod";
import { listed } from "../lib/data/data_set.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { modelOf, writeModel } from "../lib/models/model_folder.ts";
import { definitionOf } from "../lib/models/models.ts";
import { readPrototypes, writePrototypes } from "../lib/models/projection/prototype_list.ts";
import { prune } from "../lib/models/projection/pruning.ts";
import { isProjectable } from "../lib/models/prototypes/prototype_model.ts";
import { readState, writeState } from "../lib/models/training/state/state_files.ts";
import { beforeFineTune } from "../lib/models/training/state/training_state.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { withViewsInOrder } from "./training/views_in_order.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "prune",
  about: "remove the prototypes whose nearest training images mostly show other classes",
  params: z.strictObject({
    /** The number of nearest training images, of all classes, that are looked at for each prototype. */
    nearest: z.int().positive().default(6),
    /** How many of them must show the class of the prototype for it to stay. */
    required: z.int().positive().default(3),
    fidelity: MODEL_FLAWS.param(["pruned_order"] as const),
    ...precision,
  }),
  inputs: {
    state: {
      about: "the state after the projection, or after a fine-tune phase, of which the checkpoint is pruned",
    },
    views: { about: "the views of the training set" },
    prototypes: { about: "the prototypes that the projection gave" },
  },
  /**
   * `state`: to be fine-tuned again; `prototypes`: the list of those that are left, by their new numbers; `pruned`: a JSON
   * object `{prototypes, kept, removed: [{prototype, class, nearest}]}` with numbers and names before.
   */
  outputs: ["state", "model", "prototypes", "pruned"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { params: { nearest, required, fidelity }, input, output, log } = context;
    if (required > nearest) {
      throw new Error(
        `required is ${required}, but only the ${nearest} nearest images are looked at: lower it`,
      );
    }
    const { state, description } = readState(input("state"));
    const model = modelOf(description);
    if (!isProjectable(model)) {
      throw new Error(
        `the prototypes of ${description.model} belong to no class and can't be pruned: remove this task`,
      );
    }
    const { batchSize } = definitionOf(description.model).study;
    // The checkpoint of the joint phase has other prototypes than those that were projected.
    const weights = state.phase === "fine_tune" ? state.best ?? state.model : state.model;
    const options = { nearest, required, order: fidelity.pruned_order };
    const pruned = await withViewsInOrder(
      context,
      { description, model, batchSize },
      (batches) => prune(model, weights, batches, options, sessionOptions(context)),
    );
    const { kept, nearestLabels } = pruned;
    const before = model.prototypeClasses.length;
    const numbers = kept.map((prototype) => description.keptPrototypes?.[prototype] ?? prototype);
    const smaller = { ...description, keptPrototypes: numbers };
    writeState(output("state"), beforeFineTune(state, pruned.state), smaller);
    Deno.mkdirSync(output("model"));
    writeModel(output("model"), smaller, pruned.state);
    const sources = readPrototypes(input("prototypes"));
    const places = new Map(kept.map((prototype, place) => [prototype, place]));
    writePrototypes(
      output("prototypes"),
      sources.filter(({ prototype }) => places.has(prototype))
        .map((source) => ({ ...source, prototype: places.get(source.prototype)! }))
        .sort((a, b) => a.prototype - b.prototype),
    );
    const { classes } = description;
    const removed = model.prototypeClasses.flatMap((label, prototype) =>
      places.has(prototype) ? [] : [{
        prototype,
        class: classes[label],
        nearest: nearestLabels[prototype].map((other) => classes[other]),
      }]
    );
    Deno.writeTextFileSync(
      output("pruned"),
      `${JSON.stringify({ prototypes: before, kept, removed }, null, 1)}\n`,
    );
    log(`${removed.length} of ${before} prototypes were removed, ${kept.length} are left`);
    const left = new Set(kept.map((prototype) => model.prototypeClasses[prototype]));
    const without = classes.filter((_, label) => !left.has(label));
    if (without.length > 0) {
      log(
        `warning: ${without.length} of ${classes.length} classes have no prototype left: ${listed(without)}`,
      );
    }
  },
});
