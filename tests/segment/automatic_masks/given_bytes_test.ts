/** What sessions are given for an image: weights once a process, an embedding once a crop. */

import { ok, strictEqual } from "node:assert";
import * as ort from "onnxruntime-node";
import { decodingProgram, embeddingProgram, programParameters } from "../../../lib/models/sam2/programs.ts";
import { Sam2Predictor } from "../../../lib/models/sam2/predictor.ts";
import { targetOf } from "../../../lib/runtime/target.ts";
import { generateMasks } from "../../../lib/segment/automatic_masks/generate_masks.ts";
import { PAPER_PARAMETERS } from "../../../lib/segment/automatic_masks/parameters.ts";
import { Sam2MaskModel } from "../../../lib/segment/automatic_masks/sam2_model.ts";
import type { HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { image } from "../../../lib/vision/image.ts";
import { generatedWeights, SMALL } from "../../models/sam2/generated_model.ts";

/** Counts each tensor once, in however many runs it is used: its memory is read where it lies. */
class GivenTensors {
  readonly #seen = new Set<ort.Tensor>();
  readonly #create = ort.InferenceSession.create;
  bytes = 0;
  runs = 0;

  constructor() {
    const create = this.#create as (...options: unknown[]) => Promise<ort.InferenceSession>;
    const opened = async (...options: unknown[]) => {
      const session = await create.apply(ort.InferenceSession, options);
      const run = session.run.bind(session) as (
        ...call: unknown[]
      ) => Promise<ort.InferenceSession.ReturnType>;
      return Object.assign(session, {
        run: (feeds: Record<string, ort.Tensor>, ...rest: unknown[]) => {
          this.#count(feeds);
          return run(feeds, ...rest);
        },
      });
    };
    ort.InferenceSession.create = opened as typeof ort.InferenceSession.create;
  }

  #count(feeds: Record<string, ort.Tensor>): void {
    this.runs++;
    for (const tensor of Object.values(feeds)) {
      if (!this.#seen.has(tensor)) this.bytes += (tensor.data as Float32Array).byteLength;
      this.#seen.add(tensor);
    }
  }

  stop(): void {
    ort.InferenceSession.create = this.#create;
  }
}

function bytesIn(tensors: Iterable<HostTensor>): number {
  return [...tensors].reduce((total, { data }) => total + data.byteLength, 0);
}

/** The inputs of both programs; the weights of mask prompts are not among them. */
const READ = new Set([
  ...embeddingProgram(SMALL).inputs.keys(),
  ...decodingProgram(SMALL, { batch: 8, points: 1, masks: false, chosen: [1, 2, 3] }).inputs.keys(),
]);

Deno.test("weights are given to sessions once, and embeddings once a crop", async () => {
  const weights = generatedWeights(SMALL);
  const predictor = new Sam2Predictor(SMALL, weights);
  const model = new Sam2MaskModel(predictor);
  const picture = image(64, 48, "RGB");
  const parameters = { ...PAPER_PARAMETERS, pointsPerSide: 8, cropLayers: 1 };
  // A first session measures the machine, once a process.
  await targetOf("cpu");
  const given = new GivenTensors();
  try {
    const embedding = bytesIn(Object.values((await predictor.embed(picture)).tensors));
    const [crops, pixels] = [5, 3 * 4 * SMALL.imageSize ** 2];
    const [encoder, before] = [given.bytes - pixels, given.runs];
    await generateMasks(picture, model, parameters);
    const first = given.bytes - encoder - pixels;
    strictEqual(given.runs - before, crops * (1 + 8));
    const all = bytesIn([...programParameters(weights)].filter(([name]) => READ.has(name)).map(([, w]) => w));
    ok(encoder < all, "the decoder's weights are not given to the encoder");
    const points = crops * 8 * 8 * (2 * 4 + 8);
    strictEqual(first, all - encoder + crops * (pixels + embedding) + points);

    await generateMasks(picture, model, parameters);
    strictEqual(given.bytes - encoder - pixels - first, crops * (pixels + embedding) + points);
  } finally {
    given.stop();
    await predictor.release();
  }
});
