/** The vectors of a model's prototypes, and the weights with which they count for classes, from its state. */

import type { Parameters } from "../../nn/parameters.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { LAST_LAYER, PROTOTYPES } from "./head.ts";
import { FINAL_SCALAR, PRESENCE } from "./presence.ts";

/** The vectors [P, D]; undefined for a model whose prototypes have none, such as channels of the feature map. */
export function prototypeVectors(state: Parameters): HostTensor<"float32"> | undefined {
  const found = state.get(PROTOTYPES) as HostTensor<"float32"> | undefined;
  return found && float32(found.shape.slice(0, 2), found.data);
}

/** The weights of the last layer, [classes, inputs]: its inputs are prototypes, or the slots of all classes. */
export function lastLayer(state: Parameters): HostTensor<"float32"> {
  const found = state.get(LAST_LAYER);
  if (!found) {
    throw new Error(`the state of the model has no tensor ${LAST_LAYER}, which weighs its prototypes`);
  }
  return found as HostTensor<"float32">;
}

/** The presence logits [classes, P, slots] of a model whose classes select prototypes by slots. */
export function presenceLogits(state: Parameters): HostTensor<"float32"> | undefined {
  return state.get(PRESENCE) as HostTensor<"float32"> | undefined;
}

/**
 * The weight of every prototype for every class, [classes, P]: that of the last layer; with slots, the sum over all
 * slots of the last layer's weight times the presence of the prototype.
 *
 * @param noise the noise of a prediction in the presence, [classes, P, slots]; none if it is not given
 */
export function prototypeWeights(state: Parameters, noise?: HostTensor<"float32">): HostTensor<"float32"> {
  const weights = lastLayer(state);
  const logits = presenceLogits(state);
  if (!logits) return weights;
  const [classes, prototypes, slots] = logits.shape;
  const total = new Float64Array(classes * prototypes);
  for (let owner = 0; owner < classes; owner++) {
    for (let slot = 0; slot < slots; slot++) {
      for (const [prototype, share] of presenceIn(logits, noise?.data, owner, slot)) {
        for (let c = 0; c < classes; c++) {
          total[c * prototypes + prototype] += share * weights.data[(c * classes + owner) * slots + slot];
        }
      }
    }
  }
  return float32([classes, prototypes], Float32Array.from(total));
}

/** The prototypes present in a slot of a class with their shares, as in predictions with this noise. */
function presenceIn(
  { shape: [, prototypes, slots], data }: HostTensor<"float32">,
  noise: Float32Array | undefined,
  owner: number,
  slot: number,
): [prototype: number, share: number][] {
  // Rounded as in the network: the factor is large, and so are its rounding errors.
  const at = (prototype: number) => {
    const place = (owner * prototypes + prototype) * slots + slot;
    return Math.fround(Math.fround(FINAL_SCALAR * data[place]) + (noise?.[place] ?? 0));
  };
  let largest = -Infinity;
  for (let prototype = 0; prototype < prototypes; prototype++) largest = Math.max(largest, at(prototype));
  const exponentials = Array.from(
    { length: prototypes },
    (_, prototype) => Math.exp(at(prototype) - largest),
  );
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.flatMap((value, prototype) => value > 0 ? [[prototype, value / sum]] : []);
}
