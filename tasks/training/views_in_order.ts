/** The training views in their order, for kinds that look at all of them once. */
import type { TaskContext } from "../../lib/flow/kind.ts";
import type { ViewsIndex } from "../../lib/data/views/views_file.ts";
import type { ModelDescription } from "../../lib/models/model_folder.ts";
import { definitionOf } from "../../lib/models/models.ts";
import type { PrototypeModel } from "../../lib/models/prototypes/prototype_model.ts";
import type { Batches } from "../../lib/models/training/loop/epoch.ts";
import { requireViewsFor } from "../../lib/models/training/phase/initial_training.ts";
import { threadsFor, ViewSet } from "../../lib/models/training/phase/view_batches.ts";
import { sessionOptions } from "../../lib/runtime/session_options.ts";

/**
 * Calls `use` with the input `views`, in batches that are not augmented, and tells the progress.
 *
 * @param seed of the model's extra inputs
 * @throws {ViewsMismatchError} if the views do not fit the model.
 */
export async function withViewsInOrder<T>(
  context: Pick<TaskContext, "input" | "progress" | "device" | "runtime" | "resources">,
  { description, model, batchSize, seed = 0 }: {
    readonly description: ModelDescription;
    readonly model: PrototypeModel;
    readonly batchSize: number;
    readonly seed?: number;
  },
  use: (batches: Batches, index: ViewsIndex) => Promise<T>,
): Promise<T> {
  const { input, progress } = context;
  const { sees } = definitionOf(description.model);
  const threads = threadsFor(sessionOptions(context), false);
  const { colors } = description;
  const views = new ViewSet(input("views"), { colors, batchSize, sees, model, seed, threads });
  try {
    requireViewsFor(description, views.index, input("views"));
    return await use(watched(), views.index);
  } finally {
    views.close();
  }

  async function* watched() {
    let done = 0;
    for await (const batch of views.inOrder()) {
      yield batch;
      done += batch.labels.data.length;
      progress({ done, total: views.index.samples.length, unit: "images" });
    }
  }
}
