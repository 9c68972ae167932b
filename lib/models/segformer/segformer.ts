/** A SegFormer that is run: images in, logits at a quarter of their size out. */

import type { LayerContext } from "../../nn/layers/layer_context.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { openSession, type Session } from "../../runtime/session.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { program } from "../../tensor/graph.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { ElementType } from "../../tensor/op.ts";
import { input } from "../../tensor/ops/source.ts";
import type { SegformerConfiguration } from "./configuration.ts";
import { segformerEncoder } from "./encoder.ts";
import { segformerHead } from "./head.ts";
import { segformerSpecs } from "./tensor_specs.ts";

/** The model's tensors as inputs of a program, for running it. */
export function segformerContext(configuration: SegformerConfiguration): LayerContext {
  const specs = segformerSpecs(configuration);
  const inputs = specs.map(({ name, dtype, shape }) =>
    [name, input(name, dtype as ElementType, shape)] as const
  );
  return { state: new Map(inputs), training: false, updated: new Map() };
}

/** SegFormer, compiled once for each shape of its input. */
export class Segformer {
  readonly #configuration: SegformerConfiguration;
  readonly #parameters: Parameters;
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  /** @param parameters such as those that readSegformer gives */
  constructor(configuration: SegformerConfiguration, parameters: Parameters, options: SessionOptions = {}) {
    this.#configuration = configuration;
    this.#parameters = parameters;
    this.#options = options;
  }

  /** Logits [N, labels, ⌈H/4⌉, ⌈W/4⌉] of images [N, 3, H, W], already normalised. */
  async run(images: HostTensor<"float32">): Promise<HostTensor<"float32">> {
    const session = await this.#session(images.shape);
    const names = [...session.program.inputs.keys()].filter((name) => name !== "images");
    const weights = names.map((name) => [name, this.#parameters.get(name)!] as const);
    const { logits } = await session.run({ images, ...Object.fromEntries(weights) });
    return float32(logits.shape, logits.data as Float32Array);
  }

  #session(shape: readonly number[]): Promise<Session> {
    const key = shape.join();
    let session = this.#sessions.get(key);
    if (!session) {
      const context = segformerContext(this.#configuration);
      const stages = segformerEncoder(input("images", "float32", shape), this.#configuration, context);
      const logits = segformerHead(stages.map(({ result }) => result), context);
      this.#sessions.set(key, session = openSession(program({ logits }), this.#options));
    }
    return session;
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }
}
