/** The list of masks at real sizes, their order and bits, by digests of the lists that one mask at a time gave. */

import { strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { generateMasks } from "../../../lib/segment/automatic_masks/generate_masks.ts";
import {
  type AutomaticMaskParameters,
  PAPER_PARAMETERS,
  REFERENCE_PARAMETERS,
} from "../../../lib/segment/automatic_masks/parameters.ts";
import { image } from "../../../lib/vision/image.ts";
import { maskListText } from "./mask_list.ts";
import { PoolModel } from "./pool_model.ts";

const CASES: Record<string, [width: number, height: number, Partial<AutomaticMaskParameters>, string]> = {
  "the reference's parameters": [
    500,
    375,
    REFERENCE_PARAMETERS,
    "3d09e9beb6df037990d735d3f7951d49174489d285b78ea49f662190feec9cd5",
  ],
  "the paper's parameters": [
    333,
    500,
    { ...PAPER_PARAMETERS, stabilityThreshold: 0.8, boxNmsThreshold: 1, cropNmsThreshold: 1 },
    "6e05d54adb26e27b793aa9139ee11ce7f478abf54558938ea9cf396d8afae3c6",
  ],
  "larger regions": [
    640,
    480,
    { ...REFERENCE_PARAMETERS, cropLayers: 1, minRegionArea: 60 },
    "0fc94acedfe1a5ea4cfdb54a6f6338480c0c21e553a3596d0ae23b3d4d426945",
  ],
  "crops smaller than the logits, another threshold": [201, 149, {
    ...REFERENCE_PARAMETERS,
    maskThreshold: 0.3,
    predictedIouThreshold: 0.4,
    stabilityThreshold: 0.7,
    stabilityOffset: 1.5,
    boxNmsThreshold: 1,
    cropNmsThreshold: 1,
    minRegionArea: 2.5,
  }, "31561110aa8427b191a73638615642240d5d1685fc2acb48a5f7cdd4616fa8b2"],
  "no filter": [160, 200, {
    ...REFERENCE_PARAMETERS,
    cropLayers: 0,
    predictedIouThreshold: 0,
    stabilityThreshold: 0,
    boxNmsThreshold: 1,
  }, "d945f1c14a831201a2eb33a2e2ecbe0fded2f5277484e69e6e684ee8cbb87bb6"],
  "one side longer than the logits": [
    900,
    130,
    { ...REFERENCE_PARAMETERS, cropLayers: 1 },
    "9b2505196637c120ec655f86c2fab6590b5f547a84b1d05a3f80ba74038a7a46",
  ],
};

for (const [name, [width, height, parameters, digest]] of Object.entries(CASES)) {
  Deno.test(`the same masks: ${name}`, async () => {
    const { masks } = await generateMasks(image(width, height, "RGB"), new PoolModel(9, 2), {
      ...REFERENCE_PARAMETERS,
      ...parameters,
      pointsPerSide: 3,
    });
    strictEqual(
      createHash("sha256").update(maskListText(masks)).digest("hex"),
      digest,
      `${masks.length} masks`,
    );
  });
}
