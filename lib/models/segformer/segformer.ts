/** Runs a SegFormer: maps images to logits at a quarter of their size. */

import type { LayerContext } from "../../nn/layers/layer_context.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { ProgramCache } from "../../runtime/program_cache.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { type Program, program } from "../../tensor/graph.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { ElementType } from "../../tensor/op.ts";
import { input } from "../../tensor/ops/source.ts";
import type { SegformerConfiguration } from "./configuration.ts";
import { segformerEncoder } from "./encoder.ts";
import { segformerHead } from "./head.ts";
import { segformerSpecs } from "./tensor_specs.ts";

/** Program inputs for the model's tensors, for inference. */
export function segformerContext(configuration: SegformerConfiguration): LayerContext {
  const specs = segformerSpecs(configuration);
  const inputs = specs.map(({ name, dtype, shape }) =>
    [name, input(name, dtype as ElementType, shape)] as const
  );
  return { state: new Map(inputs), training: false, updated: new Map() };
}

/** A SegFormer, compiled once per input shape. */
export class Segformer {
  readonly #configuration: SegformerConfiguration;
  readonly #parameters: Parameters;
  readonly #programs: ProgramCache;

  /** @param parameters the parameters, from readSegformer */
  constructor(configuration: SegformerConfiguration, parameters: Parameters, options: SessionOptions = {}) {
    this.#configuration = configuration;
    this.#parameters = parameters;
    this.#programs = new ProgramCache(options);
  }

  /** Logits [N, labels, ⌈H/4⌉, ⌈W/4⌉] of images [N, 3, H, W], already normalised. */
  async run(images: HostTensor<"float32">): Promise<HostTensor<"float32">> {
    const { logits } = await this.#programs.run(
      images.shape.join(),
      () => this.#program(images.shape),
      { images },
      this.#parameters,
    );
    return float32(logits.shape, logits.data as Float32Array);
  }

  #program(shape: readonly number[]): Program {
    const context = segformerContext(this.#configuration);
    const stages = segformerEncoder(input("images", "float32", shape), this.#configuration, context);
    return program({ logits: segformerHead(stages.map(({ result }) => result), context) });
  }

  /** Frees the sessions. */
  release(): Promise<void> {
    return this.#programs.release();
  }
}
