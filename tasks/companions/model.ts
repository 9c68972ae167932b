/** Beside the copy of a model: its recipe, with which photographs are segmented, cut and classified. */

import type { MadeTasks } from "../../lib/flow/companion.ts";
import { modelOfTask, RecipeError, writeMadeModel } from "../../lib/predict/made_model.ts";

/** @returns why there is no recipe, if there is none */
export async function write(tasks: MadeTasks, task: string, folder: string): Promise<string | undefined> {
  try {
    const model = await modelOfTask(tasks, task);
    await writeMadeModel(model, folder);
    model.gallery.close();
  } catch (error) {
    if (error instanceof RecipeError) return `${error.message}; the copy is a model without a recipe`;
    throw error;
  }
}
