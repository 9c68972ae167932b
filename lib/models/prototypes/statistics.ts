/** How many prototypes a last layer uses, and how its weights are distributed. */

import type { HostTensor } from "../../tensor/host_tensor.ts";

/** Weights below this count as 0. */
export const WEIGHT_THRESHOLD = 1e-3;

/** The number of columns of the last layer's weight [C, P] with an entry above `eps`: the prototypes in use. */
export function globalSize(
  { shape: [classes, prototypes], data }: HostTensor<"float32">,
  eps: number,
): number {
  let used = 0;
  for (let j = 0; j < prototypes; j++) {
    for (let c = 0; c < classes; c++) {
      if (data[c * prototypes + j] > eps) {
        used++;
        break;
      }
    }
  }
  return used;
}

/**
 * ProtoPool's number of prototypes in use, as the reference counts them: those for which any presence logit
 * [classes, P, slots], times 1000, is above `eps`.
 */
export function presentPrototypes(
  { shape: [classes, prototypes, slots], data }: HostTensor<"float32">,
  eps: number,
): number {
  const used = new Set<number>();
  for (let i = 0; i < classes * prototypes * slots; i++) {
    if (data[i] * 1000 > eps) used.add(Math.floor(i / slots) % prototypes);
  }
  return used.size;
}

/** The share of weights with |w| ≤ eps. */
export function sparsity({ data }: HostTensor<"float32">, eps: number): number {
  return data.reduce((count, w) => Math.abs(w) <= eps ? count + 1 : count, 0) / data.length;
}

/** The number of weights below −eps over that of weights above eps. */
export function negativePositiveRatio({ data }: HostTensor<"float32">, eps: number): number {
  const negative = data.reduce((count, w) => w < -eps ? count + 1 : count, 0);
  const positive = data.reduce((count, w) => w > eps ? count + 1 : count, 0);
  return negative / positive;
}
