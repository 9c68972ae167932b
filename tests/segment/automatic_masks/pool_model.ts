/** A model without weights at the size of SAM 2: logits drawn from a few batches of maps with holes and islands. */

import { RandomStream } from "../../../lib/tensor/random.ts";
import type {
  PointMasks,
  PointPrompts,
  PromptableModel,
} from "../../../lib/segment/automatic_masks/promptable_model.ts";
import type { Box } from "../../../lib/vision/masks/boxes.ts";
import { interpolationTaps } from "../../../lib/vision/resize/torch.ts";

/** The side of SAM 2's maps of logits. */
const SIDE = 256;
const MASKS = 3;
/** Cells along each side of the coarse field that a map interpolates. */
const CELLS = 8;
/** The share of masks with a predicted IoU above 0.8. */
const SURE = 0.3;

/** Answers each batch of prompts with the next batch of its pool, and with predicted IoUs of their own. */
export class PoolModel implements PromptableModel<Box> {
  readonly #maps: Float32Array[];
  #calls = 0;

  /**
   * @param points the largest number of points in a batch
   * @param batches the number of different batches
   */
  constructor(points: number, batches: number) {
    this.#maps = Array.from({ length: batches }, (_, index) => drawMaps(points * MASKS, index));
  }

  embed(_: unknown, crop: Box): Promise<Box> {
    return Promise.resolve(crop);
  }

  decode(_: Box, { count }: PointPrompts): Promise<PointMasks> {
    const index = this.#calls++;
    const ious = new Float32Array(count * MASKS);
    new RandomStream({ seed: 1, purpose: "predicted IoU", index }).fillUniform(ious, 0, 1);
    for (let i = 0; i < ious.length; i++) {
      ious[i] = ious[i] < SURE ? 0.8001 + 0.6 * ious[i] : 0.8 * ious[i];
    }
    const logits = this.#maps[index % this.#maps.length].subarray(0, ious.length * SIDE * SIDE);
    return Promise.resolve({ masks: MASKS, logits, ious, width: SIDE, height: SIDE });
  }

  stretching(width: number, height: number) {
    return {
      columns: interpolationTaps(SIDE, width, "bilinear"),
      rows: interpolationTaps(SIDE, height, "bilinear"),
    };
  }
}

/** Maps [count, SIDE, SIDE]: ragged discs of different steepness, some pixels of which have the other sign. */
function drawMaps(count: number, index: number): Float32Array {
  const maps = new Float32Array(count * SIDE * SIDE);
  const nodes = CELLS + 1;
  const field = new Float32Array(nodes * nodes);
  const specks = new Float32Array(400);
  const disc = new Float32Array(3);
  const random = new RandomStream({ seed: 1, purpose: "logits", index });
  for (let map = 0; map < count; map++) {
    random.fillUniform(field, -1, 1);
    random.fillUniform(disc, 0, 1);
    const [middleX, middleY] = [SIDE * disc[0], SIDE * disc[1]];
    const radius = SIDE * (0.05 + 0.4 * disc[2]);
    random.fillUniform(specks, 0, SIDE);
    const steepness = 8 + 12 * (map % 5);
    const start = map * SIDE * SIDE;
    for (let y = 0; y < SIDE; y++) {
      const row = y * CELLS / SIDE, j = Math.trunc(row), v = row - j;
      for (let x = 0; x < SIDE; x++) {
        const column = x * CELLS / SIDE, i = Math.trunc(column), u = column - i;
        const at = j * nodes + i;
        const above = field[at] + u * (field[at + 1] - field[at]);
        const below = field[at + nodes] + u * (field[at + nodes + 1] - field[at + nodes]);
        const distance = ((x - middleX) ** 2 + (y - middleY) ** 2) / radius ** 2;
        const value = 1 - distance + 0.5 * (above + v * (below - above));
        maps[start + y * SIDE + x] = Math.max(-20, steepness * value);
      }
    }
    for (let speck = 0; speck < specks.length; speck += 2) {
      const at = start + Math.trunc(specks[speck]) * SIDE + Math.trunc(specks[speck + 1]);
      // Specks of one to three pixels: an island, or a hole.
      for (let k = 0; k <= speck % 3 && at + k < start + SIDE * SIDE; k++) maps[at + k] = -0.7 * maps[at + k];
    }
  }
  return maps;
}
