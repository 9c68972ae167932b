/** The models of bench/epoch.ts, and the inputs of their batches besides images and labels. */

import { resNetBackbone } from "../lib/models/backbone.ts";
import { pipNet } from "../lib/models/pipnet.ts";
import { protoMask } from "../lib/models/protomask.ts";
import { protoPNet } from "../lib/models/protopnet.ts";
import { gumbelScalar, NOISE, SCALAR } from "../lib/models/prototypes/presence.ts";
import { protoPool } from "../lib/models/protopool.ts";
import type { PrototypeModel } from "../lib/models/prototypes/prototype_model.ts";
import { float32, type HostTensor } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import type { EpochCase } from "./epoch_case.ts";

export function modelOf({ model, layers, width, classes, head }: EpochCase): PrototypeModel {
  const backbone = resNetBackbone({ block: "bottleneck", layers, width, strides: [1, 2, 2, 2] });
  const [first, second, third] = head;
  switch (model) {
    case "protomask":
      return protoMask({ backbone, classes, prototypesPerClass: first, depth: second });
    case "protopnet":
      return protoPNet({ backbone, classes, prototypesPerClass: first, depth: second });
    case "protopool":
      return protoPool({ backbone, classes, prototypes: first, slots: second, depth: third });
    case "pipnet":
      return pipNet({ backbone, classes });
  }
}

/** The extra inputs of a batch of the joint phase: of ProtoPool, noise and scalar of its third epoch. */
export function extraOf(
  { model, classes, head: [prototypes, slots] }: EpochCase,
  place: { readonly epoch: number; readonly index: number },
): Record<string, HostTensor> {
  if (model !== "protopool") return {};
  const shape = [classes, prototypes, slots];
  const noise = new Float32Array(classes * prototypes * slots);
  new RandomStream({ seed: 1, purpose: "gumbel", ...place }).fillUniform(noise);
  for (let i = 0; i < noise.length; i++) noise[i] = -Math.log(-Math.log(noise[i] + 2 ** -25));
  const scalar = gumbelScalar(2, { start: 1, end: 1e-3, interval: 50 });
  return { [NOISE]: float32(shape, noise), [SCALAR]: float32([], [scalar]) };
}
