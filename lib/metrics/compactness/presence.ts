/** The prototypes that slots of classes use, computed from their presence logits. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { sidesOf } from "../shapes.ts";

/** The temperature that divides presence logits. */
const TEMPERATURE = 1e-3;

const f32 = Math.fround;

/**
 * For each prototype, whether its presence is above ε in any slot of any class.
 *
 * @param presence classes × prototypes × slots
 * @param rule `raw`: the logits / 0.001 are compared; `softmax`: their softmax over the prototypes
 */
export function presentPrototypes(
  presence: HostTensor<"float32">,
  epsilon: number,
  rule: MetricFidelity["presence"],
): boolean[] {
  const [classes, prototypes, slots] = sidesOf(presence, "presence logits", "classes", "prototypes", "slots");
  const limit = f32(epsilon);
  const isPresent = new Array<boolean>(prototypes).fill(false);
  for (let c = 0; c < classes; c++) {
    for (let slot = 0; slot < slots; slot++) {
      const logits = Float32Array.from(
        { length: prototypes },
        (_, p) => presence.data[(c * prototypes + p) * slots + slot] / f32(TEMPERATURE),
      );
      const values = rule === "raw" ? logits : softmax(logits);
      for (let p = 0; p < prototypes; p++) if (values[p] > limit) isPresent[p] = true;
    }
  }
  return isPresent;
}

function softmax(logits: Float32Array): Float32Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return Float32Array.from(exponentials, (value) => value / total);
}
