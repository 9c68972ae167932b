/** Writes a trained model for other programs: an ONNX file, its weights by PyTorch's names, and what they expect. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadedModel } from "../models/model_folder.ts";
import { writeSafetensors } from "../nn/checkpoint/safetensors_writer.ts";
import { exportedProgram, SEEN } from "./exported_program.ts";
import { exportReadme } from "./export_readme.ts";
import { onnxFile } from "./onnx_file.ts";

/**
 * Writes `model.onnx`, `weights.safetensors` and `README.md`.
 *
 * @param folder is made
 * @param images the number of images of a batch, which an ONNX file has fixed
 */
export function exportModel(loaded: LoadedModel, folder: string, images: number): void {
  const program = exportedProgram(loaded, images);
  const constants = new Map([...loaded.state].filter(([name]) => program.inputs.has(name)));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "model.onnx"), onnxFile(program, constants));
  writeSafetensors(join(folder, "weights.safetensors"), loaded.state);
  const shapeOf = (number: number) => program.values[number].shape;
  writeFileSync(
    join(folder, "README.md"),
    exportReadme(loaded, {
      input: shapeOf(program.inputs.get(SEEN)!),
      outputs: new Map([...program.outputs].map(([name, number]) => [name, shapeOf(number)])),
    }),
  );
}
