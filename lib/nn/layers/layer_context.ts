/** What layers read and leave behind: their tensors by PyTorch's names, and the running statistics after a batch. */

import { GraphError, type Tensor } from "../../tensor/op.ts";

/** What a forward pass gives to its layers, and where they leave the new running statistics. */
export interface LayerContext {
  /** Parameters and buffers by name, such as `layer1.0.bn1.running_mean`. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Batch statistics and dropout are for training. */
  readonly training: boolean;
  /** Buffers after this batch, by name; layers add theirs. */
  readonly updated: Map<string, Tensor>;
}

/**
 * The tensor called `name`.
 *
 * @throws {GraphError} when the state has none.
 */
export function stateTensor({ state }: LayerContext, name: string): Tensor {
  const tensor = state.get(name);
  if (!tensor) throw new GraphError(`the layer needs "${name}", but the state has no tensor of that name`);
  return tensor;
}
