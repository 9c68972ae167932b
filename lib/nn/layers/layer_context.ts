/** The tensors that layers read, by PyTorch's names, and the running statistics that they update. */

import { GraphError, type Tensor } from "../../tensor/op.ts";

/** The state that layers read in a forward pass, and where they store new running statistics. */
export interface LayerContext {
  /** Parameters and buffers by name, such as `layer1.0.bn1.running_mean`. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Whether batch statistics and dropout are used. */
  readonly training: boolean;
  /** Buffers after this batch, by name; layers add to it. */
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
