/** The method `sam2`: SAM 2.1's masks at a grid of points. */

import { z } from "zod";
import { PAPER_PARAMETERS, REFERENCE_PARAMETERS } from "../automatic_masks/parameters.ts";
import type { StorableModel } from "../automatic_masks/promptable_model.ts";
import { generatorParams, type ModelSource, promptableMethod } from "./promptable.ts";

/** SAM 2.1, read from a checkpoint in its authors' format. */
export const sam2Model: ModelSource = {
  inputs: { weights: { about: "a published checkpoint of SAM 2.1" } },
  async open({ inputs, session, log }) {
    const [{ Sam2MaskModel }, { Sam2Predictor }, { readSam2Checkpoint }] = await Promise.all([
      import("../automatic_masks/sam2_model.ts"),
      import("../../models/sam2/predictor.ts"),
      import("../../models/sam2/checkpoint.ts"),
    ]);
    const { configuration, parameters } = readSam2Checkpoint(inputs("weights")[0], undefined, log);
    return new Sam2MaskModel(new Sam2Predictor(configuration, parameters, session)) as StorableModel<unknown>;
  },
};

/** The method `sam2`. */
export const sam2 = promptableMethod(
  z.strictObject({
    name: z.literal("sam2"),
    /** The values of the reference implementation, or those in the paper. */
    preset: z.enum(["reference", "paper"]).default("reference"),
    parameters: generatorParams.default({}),
  }),
  sam2Model,
  ({ preset, parameters }) => ({
    ...(preset === "paper" ? PAPER_PARAMETERS : REFERENCE_PARAMETERS),
    ...parameters,
  }),
);
