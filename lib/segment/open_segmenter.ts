/** Makes a method ready to segment: its model loaded, its parameters complete. */

import { join } from "node:path";
import { type Sample, sampleFileName } from "../data/data_set.ts";
import { readDataSetIndex } from "../data/data_set_index.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import {
  type AutomaticMaskParameters,
  PAPER_PARAMETERS,
  REFERENCE_PARAMETERS,
} from "./automatic_masks/parameters.ts";
import type { StorableModel } from "./automatic_masks/promptable_model.ts";
import type { PromptableMethod, SegmentMethod } from "./methods.ts";
import type { Segmenter } from "./segmenter.ts";

/** The paths of an input: none where the workflow gives none. */
export type InputPaths = (name: string) => readonly string[];

/**
 * The segmenter of a method. Modules are loaded when they are asked for: a process that looks for contours needs no
 * runtime for networks.
 *
 * @throws {ParameterError} naming the first tensor that does not fit, where a checkpoint is another model's.
 * @throws {PretrainedFileError} naming the field of a checkpoint's configuration that can't be computed with.
 */
export async function openSegmenter(
  method: SegmentMethod,
  inputs: InputPaths,
  options: SessionOptions,
  log: (message: string) => void,
): Promise<Segmenter> {
  switch (method.name) {
    case "sam2":
    case "mobile-sam": {
      const { promptableSegmenter } = await import("./segmenters/promptable.ts");
      const [folder] = inputs("embeddings");
      const stored = folder === undefined
        ? undefined
        : (sample: Sample) => join(folder, sampleFileName(sample));
      const model = await openModel(method, inputs, options, log);
      return promptableSegmenter(model, await completeParameters(method), stored);
    }
    case "slit": {
      const [weights, configuration, processor] = ["weights", "configuration", "processor"].map((name) =>
        inputs(name)[0]
      );
      const { slitSegmenter } = await import("./segmenters/slit.ts");
      return slitSegmenter({ weights, configuration, processor }, method.threshold, options, log);
    }
    case "contour":
      return (await import("./segmenters/contour.ts")).contourSegmenter(method);
    case "patches":
      return (await import("./segmenters/annotations.ts")).patchSegmenter(method.factor);
    case "annotated": {
      const parts = Object.keys(readDataSetIndex(inputs("data")[0]).partNames).map(Number);
      return (await import("./segmenters/annotations.ts")).annotatedSegmenter(method.of, parts);
    }
    case "files":
      return await (await import("./segmenters/mask_folder.ts")).maskFolderSegmenter(
        inputs("masks")[0],
        method.method,
      );
  }
}

/** Loads the model of a promptable method. */
export async function openModel(
  { name }: Pick<PromptableMethod, "name">,
  inputs: InputPaths,
  options: SessionOptions,
  log: (message: string) => void,
): Promise<StorableModel<unknown>> {
  if (name === "mobile-sam") {
    const [{ MobileSamMaskModel }, { MobileSam }] = await Promise.all([
      import("./automatic_masks/mobile_sam_model.ts"),
      import("../models/mobile_sam/mobile_sam.ts"),
    ]);
    return new MobileSamMaskModel(await MobileSam.open(options)) as StorableModel<unknown>;
  }
  const [{ Sam2MaskModel }, { Sam2Predictor }, { readSam2Checkpoint }] = await Promise.all([
    import("./automatic_masks/sam2_model.ts"),
    import("../models/sam2/predictor.ts"),
    import("../models/sam2/checkpoint.ts"),
  ]);
  const { configuration, parameters } = readSam2Checkpoint(inputs("weights")[0], undefined, log);
  return new Sam2MaskModel(new Sam2Predictor(configuration, parameters, options)) as StorableModel<unknown>;
}

/** The values of the preset where the method says nothing else. */
async function completeParameters(method: PromptableMethod): Promise<AutomaticMaskParameters> {
  if (method.name === "mobile-sam") {
    const { MOBILE_SAM_PARAMETERS } = await import("./automatic_masks/mobile_sam_model.ts");
    return { ...MOBILE_SAM_PARAMETERS, ...method.parameters };
  }
  const preset = method.preset === "paper" ? PAPER_PARAMETERS : REFERENCE_PARAMETERS;
  return { ...preset, ...method.parameters };
}
