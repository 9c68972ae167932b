/** A model without weights: a point's masks are discs around it, in three sizes. */

import type {
  PointMasks,
  PointPrompts,
  PromptableModel,
} from "../../../lib/segment/automatic_masks/promptable_model.ts";
import type { ChannelOrder, Image } from "../../../lib/vision/image.ts";
import type { Box } from "../../../lib/vision/masks/boxes.ts";
import { interpolationTaps } from "../../../lib/vision/resize/torch.ts";

const SIDE = 32;

export class DiscModel implements PromptableModel<Box> {
  /** What the generator asked for, in order. */
  readonly calls: string[] = [];

  /** @param radii in shares of the crop; the predicted IoU of mask m is 0.95 − m/10 */
  constructor(private readonly radii: readonly number[] = [0.1, 0.2, 0.3]) {}

  embed(_: Image, crop: Box, order: ChannelOrder): Promise<Box> {
    this.calls.push(`embed [${crop}] ${order}`);
    return Promise.resolve(crop);
  }

  decode(crop: Box, { count, points, masks }: PointPrompts, multimask: boolean): Promise<PointMasks> {
    this.calls.push(`decode ${count}${masks ? " refined" : ""}${multimask ? "" : " single"}`);
    const radii = multimask ? this.radii : this.radii.slice(0, 1);
    const logits = new Float32Array(count * radii.length * SIDE * SIDE);
    const ious = new Float32Array(count * radii.length);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const [x, y] = [points[2 * i] / (crop[2] - crop[0]), points[2 * i + 1] / (crop[3] - crop[1])];
      radii.forEach((radius, mask) => {
        ious[i * radii.length + mask] = 0.95 - mask / 10;
        for (let j = 0; j < SIDE * SIDE; j++) {
          const distance = Math.hypot((j % SIDE + 0.5) / SIDE - x, (Math.floor(j / SIDE) + 0.5) / SIDE - y);
          logits[at++] = 60 * (radius - distance);
        }
      });
    }
    return Promise.resolve({ masks: radii.length, logits, ious, width: SIDE, height: SIDE });
  }

  stretching(width: number, height: number) {
    return {
      columns: interpolationTaps(SIDE, width, "bilinear"),
      rows: interpolationTaps(SIDE, height, "bilinear"),
    };
  }
}
