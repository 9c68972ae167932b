/** The tensors that layers read, by PyTorch's names, and the buffers that they update. */

import { GraphError, type Tensor } from "../../tensor/op.ts";

/** The state that layers read in a forward pass, and a map for updated buffers. */
export interface LayerContext {
  /** Parameters and buffers by name, such as `layer1.0.bn1.running_mean`. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Whether layers use batch statistics and dropout. */
  readonly training: boolean;
  /** Buffers after this batch by name; filled by the layers. */
  readonly updated: Map<string, Tensor>;
}

/**
 * The tensor with this name.
 *
 * @throws {GraphError} if the state has no such tensor.
 */
export function stateTensor({ state }: LayerContext, name: string): Tensor {
  const tensor = state.get(name);
  if (!tensor) throw new GraphError(`the layer needs "${name}", but the state has no tensor of that name`);
  return tensor;
}
