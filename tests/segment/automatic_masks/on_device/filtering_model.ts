/** A model whose masks are filtered by a program of their own on the CPU, as a device filters them in the decoder's. */

import { COUNT, type DecodedOutputs } from "../../../../lib/models/sam2/decoded_outputs.ts";
import { ProgramCache } from "../../../../lib/runtime/program_cache.ts";
import type {
  FilteredPoints,
  PointPrompts,
  PromptableModel,
} from "../../../../lib/segment/automatic_masks/promptable_model.ts";
import { program } from "../../../../lib/tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../../../../lib/tensor/host_tensor.ts";
import { input } from "../../../../lib/tensor/ops/source.ts";
import type { Box } from "../../../../lib/vision/masks/boxes.ts";

export class FilteringModel implements PromptableModel<Box> {
  readonly #model: PromptableModel<Box>;
  readonly #batch: number;
  readonly #programs = new ProgramCache({ threads: 1 });
  /** The keys of all programs, in their order. */
  readonly keys: string[] = [];
  readonly outputs: Readonly<Record<string, HostTensor>>[] = [];

  /** @param batch prompts a run; the last one is filled with its last prompt */
  constructor(model: PromptableModel<Box>, batch: number) {
    this.#model = model;
    this.#batch = batch;
  }

  embed(...given: Parameters<PromptableModel<Box>["embed"]>): Promise<Box> {
    return this.#model.embed(...given);
  }

  decode(...given: Parameters<PromptableModel<Box>["decode"]>) {
    return this.#model.decode(...given);
  }

  stretching(width: number, height: number) {
    return this.#model.stretching(width, height);
  }

  async decodeInto(
    crop: Box,
    prompts: PointPrompts,
    multimask: boolean,
    outputs: DecodedOutputs,
  ): Promise<FilteredPoints> {
    const { masks, logits, ious, width, height } = await this.#model.decode(crop, prompts, multimask);
    const [batch, runs] = [this.#batch, []] as [number, Record<string, HostTensor>[]];
    const shape = [batch, masks, height, width];
    const size = masks * height * width;
    for (let first = 0; first < prompts.count; first += batch) {
      const of = Array.from({ length: batch }, (_, i) => Math.min(first + i, prompts.count - 1));
      const rows = (all: Float32Array, each: number) =>
        Float32Array.from(of.flatMap((row) => [...all.subarray(row * each, (row + 1) * each)]));
      const build = () => {
        const given = {
          logits: input("decoded", "float32", shape),
          ious: input("scores", "float32", [batch, masks]),
        };
        return program({ ...outputs.of({ ...given, count: input(COUNT, "int64", []) }) });
      };
      const key = `${shape} ${outputs.key}`;
      this.keys.push(key);
      const results = await this.#programs.run(key, build, {
        ...outputs.inputs,
        decoded: float32(shape, rows(logits, size)),
        scores: float32([batch, masks], rows(ious, masks)),
        [COUNT]: int64([], [Math.min(batch, prompts.count - first)]),
      }, new Map());
      runs.push(results);
      this.outputs.push(results);
    }
    return { masks, runs };
  }

  release(): Promise<void> {
    return this.#programs.release();
  }
}
