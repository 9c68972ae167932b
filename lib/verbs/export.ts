/** `export`: a trained model for other programs, as ONNX and safetensors. */

import { exportModel } from "../export/export_model.ts";
import type { CommonOptions, Project } from "../flow/commands/open_workflow.ts";
import { writeUserFolder } from "../flow/commands/user_files.ts";
import { print } from "../flow/display/terminal.ts";
import { FlowError } from "../flow/errors.ts";
import { userPath } from "../flow/user_path.ts";
import { isThere } from "../system/is_there.ts";
import { MODEL_ALONE, withModel } from "./model_reference.ts";

/** The options of `export`. */
export interface ExportOptions extends CommonOptions {
  readonly batch?: number;
}

/** Nothing is overwritten. */
export async function exportCommand(
  project: Project,
  reference: string,
  folder: string,
  { batch = 1, ...options }: ExportOptions,
): Promise<number> {
  const target = userPath(folder);
  if (isThere(target)) {
    throw new FlowError(
      "exists",
      `${target} is already there; nothing was overwritten: name another folder or remove it`,
    );
  }
  return await withModel(project, reference, options, MODEL_ALONE, (loaded) => {
    writeUserFolder(target, () => exportModel(loaded, target, batch));
    print(`${target}  model.onnx, weights.safetensors, README.md`);
    return Promise.resolve(0);
  });
}
