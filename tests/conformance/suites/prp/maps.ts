/** Conformance of whole relevance maps and of the other explanations. */

import { bestView } from "../../../../lib/explain/best_views.ts";
import { ProtoMaskExplainer } from "../../../../lib/explain/protomask_explainer.ts";
import { pasteMap, placeInFrame } from "../../../../lib/explain/paste_map.ts";
import { canonise } from "../../../../lib/explain/prp/canonise.ts";
import { headOf } from "../../../../lib/explain/prp/heads.ts";
import { inputBounds, relevanceMaps } from "../../../../lib/explain/prp/relevance_maps.ts";
import { groupSweeps, OWNERS, sweepsOver } from "../../../../lib/explain/prp/sweeps.ts";
import { upscaleMaps } from "../../../../lib/explain/upscale.ts";
import { backboneFeatures } from "../../../../lib/models/backbone.ts";
import { stateInputs } from "../../../../lib/models/training/step/batch_programs.ts";
import { sliceOf } from "../../../../lib/metrics/shapes.ts";
import {
  elementCount,
  float32,
  type HostTensor,
  hostTensor,
  int64,
} from "../../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../../lib/tensor/op.ts";
import { reshape } from "../../../../lib/tensor/ops/shape.ts";
import { input } from "../../../../lib/tensor/ops/source.ts";
import type { Box } from "../../../../lib/vision/masks/boxes.ts";
import { IMAGENET } from "../../../../lib/vision/normalize.ts";
import { maskOfCut } from "../../../../lib/vision/masks/cut.ts";
import { type Case, type Outcome, type Runner, tensorOf } from "../../case.ts";
import { backboneOf, inputsLike, stateOf } from "../../models/model_case.ts";
import { modelOf } from "../../models/models.ts";
import { runProgram } from "../../run_program.ts";
import { withSummaries } from "../../summaries.ts";

type Floats = HostTensor<"float32">;

const caseModel = ({ params }: Case) => modelOf(params.model).build(params.config, {});

/** The images of a case: [B, C, H, W], or for ProtoMask all views of all images. */
function viewsOf(testCase: Case): Floats {
  const { shape, data } = tensorOf(testCase, "in.x") as Floats;
  return float32([elementCount(shape.slice(0, -3)), ...shape.slice(-3)], data);
}

/** Without noise: ProtoPool's presence is the plain softmax. */
const EXTRA_PARAMS = { scalar: 0, epoch: 0, warmup_epochs: 1 };

/** Logits, similarity maps and features of a case's images under a state. */
async function explained(testCase: Case, state: ReadonlyMap<string, HostTensor>) {
  const { model: name, config } = testCase.params;
  const builder = modelOf(name);
  const model = builder.build(config, {});
  const extraValues: Record<string, HostTensor> = builder.extra(model, EXTRA_PARAMS);
  const x = tensorOf(testCase, "in.x") as Floats;
  const values = new Map<string, HostTensor>([...state, ...Object.entries(extraValues), ["x", x]]);
  const inputs = inputsLike(values);
  const context = { state: inputs, training: false, updated: new Map<string, Tensor>() };
  const extra = new Map(Object.keys(extraValues).map((key) => [key, inputs.get(key)!]));
  const outputs = builder.forward(model, inputs.get("x")!, context, extra);
  const views = reshape(inputs.get("x")!, viewsOf(testCase).shape);
  const features = backboneFeatures(backboneOf(config), views, context);
  const maps = outputs["explain.maps"] ?? outputs.maps;
  const wanted = new Map(Object.entries({ logits: outputs.logits, maps, features }));
  const results = await runProgram(wanted, values);
  return {
    logits: results.get("logits")!,
    maps: results.get("maps")! as Floats,
    features: results.get("features")!,
  };
}

/** Of every image and prototype the number of its view, counted over all images. */
function chosenViews({ params }: Case, maps: Floats): { view: number; row: number }[] {
  return params.prototype_ids.flatMap((ids: number[], image: number) =>
    ids.map((prototype) => {
      if (params.model !== "protomask") return { view: 0, row: image };
      const { shape, data } = sliceOf(maps, image) as Floats;
      const { view } = bestView(float32(shape.slice(0, 2), data), prototype);
      return { view, row: image * shape[1] + view };
    })
  );
}

async function map(testCase: Case): Promise<Outcome> {
  const { model, config, prototype_ids: ids, fidelity } = testCase.params;
  const state = stateOf(testCase, caseModel(testCase));
  const canonised = canonise(state, config.backbone);
  const plain = await explained(testCase, state);
  const after = await explained(testCase, canonised);
  const chosen = chosenViews(testCase, after.maps);
  const { views, owners } = groupSweeps(chosen.map(({ row }) => row));
  const all = viewsOf(testCase);
  const x = float32(
    [views.length, ...all.shape.slice(1)],
    views.flatMap((row) => [...(sliceOf(all, row) as Floats).data]),
  );
  const count = chosen.length;
  const values = new Map<string, HostTensor>(canonised).set("x", x)
    .set("prototypes", int64([count], ids.flat())).set(OWNERS, int64([count], owners));
  const inputs = inputsLike(values);
  const found = relevanceMaps(inputs.get("x")!, {
    head: headOf(model),
    config: config.backbone,
    state: inputs,
    bounds: inputBounds(IMAGENET),
    prototypes: inputs.get("prototypes")!,
    sweeps: sweepsOver(views.length, count),
    fidelity,
  });
  const outputs = new Map([["map", found.maps], ["relevance.input", found.input]]);
  for (const [stage, relevance] of found.stages) outputs.set(`relevance.${stage}`, relevance);
  if (found.addOn) outputs.set("relevance.add_on", found.addOn);
  const perImage = [ids.length, ids[0].length];
  const tensors: Record<string, HostTensor> = {
    "out.logits_plain": plain.logits,
    "out.logits_canonised": after.logits,
    "out.features_canonised": after.features,
    "out.view": int64(perImage, chosen.map(({ view }) => view)),
  };
  for (const [name, value] of await runProgram(outputs, values)) {
    tensors[`out.${name}`] = { ...value, shape: [...perImage, ...value.shape.slice(1)] };
  }
  const relevance = tensors["out.relevance.input"] as Floats;
  const sums = Array.from(
    { length: count },
    (_, i) =>
      sliceOf({ ...relevance, shape: [count, ...relevance.shape.slice(2)] }, i).data
        .reduce((total: number, value) => total + Number(value), 0),
  );
  return {
    tensors: withSummaries(testCase, tensors),
    // They have a tolerance of their own.
    values: { relevance_sums: testCase.expect.relevance_sums },
    faults: sumFaults(sums, testCase.expect.relevance_sums.flat()),
  };
}

/** The sums are of a float64 run, and agree to 1e-4. */
function sumFaults(got: number[], expected: number[]): string[] {
  return got.flatMap((sum, i) =>
    Math.abs(sum - expected[i]) <= 1e-4 * Math.abs(expected[i])
      ? []
      : [`relevance_sums: ${sum}, expected ${expected[i]}`]
  );
}

async function saliency(testCase: Case): Promise<Outcome> {
  const { config, prototype_ids: ids, fidelity } = testCase.params;
  const model = caseModel(testCase);
  const state = stateOf(testCase, model);
  const explainer = new ProtoMaskExplainer({ model, backbone: config.backbone, state, colors: IMAGENET });
  const [, height, width] = config.input_size;
  const sizes = tensorOf(testCase, "in.sizes").data;
  const boxes = tensorOf(testCase, "in.boxes") as Floats;
  const images = tensorOf(testCase, "in.x") as Floats;
  const maps: Float32Array[] = [];
  for (const [image, prototypes] of ids.entries()) {
    const views = sliceOf(images, image) as Floats;
    const { similarities } = await explainer.similarities(views);
    const explanations = prototypes.map((prototype: number) => ({
      prototype,
      view: bestView(similarities, prototype).view,
    }));
    const found = await explainer.relevance(views, explanations, fidelity);
    for (const [i, { view }] of explanations.entries()) {
      const box = [...(sliceOf(sliceOf(boxes, image), view) as Floats).data] as unknown as Box;
      const size = { height: Number(sizes[2 * image]), width: Number(sizes[2 * image + 1]) };
      const place = placeInFrame(box, size, { width, height });
      maps.push(pasteMap(sliceOf(found, i) as Floats, place, { width, height }).data);
    }
  }
  await explainer.release();
  const all = float32([ids.length, ids[0].length, height, width], maps.flatMap((values) => [...values]));
  return { tensors: { "out.maps": all } };
}

function invertCropping(testCase: Case): Outcome {
  const { box, size: [height, width], frame } = testCase.params;
  const frameSize = { height: frame[0], width: frame[1] };
  const place = placeInFrame(box, { width, height }, frameSize);
  const pasted = pasteMap(tensorOf(testCase, "in.map") as Floats, place, frameSize);
  return {
    tensors: withSummaries(testCase, { "out.map": pasted }),
    values: {
      rows: [place.top, place.top + place.height - 1],
      columns: [place.left, place.left + place.width - 1],
    },
  };
}

async function upscaleModel(testCase: Case): Promise<Outcome> {
  const { prototype_ids: ids, config: { input_size: [, height, width] } } = testCase.params;
  const { maps } = await explained(testCase, stateOf(testCase, caseModel(testCase)));
  const stretched = ids.flatMap((prototypes: number[], image: number) =>
    prototypes.map((prototype) => {
      const map = sliceOf(sliceOf(maps, image), prototype) as Floats;
      return upscaleMaps(float32([1, ...map.shape], map.data), width, height).data;
    })
  );
  const values = stretched.flatMap((map: Float32Array) => [...map]);
  return { tensors: { "out.maps": float32([ids.length, ids[0].length, height, width], values) } };
}

async function mask(testCase: Case): Promise<Outcome> {
  const { prototype_ids: ids } = testCase.params;
  const model = caseModel(testCase);
  const state = stateOf(testCase, model);
  const x = tensorOf(testCase, "in.x");
  const { maps } = model.explain(input("x", "float32", x.shape), {
    state: stateInputs(model),
    training: false,
    updated: new Map(),
  });
  const results = await runProgram(new Map([["maps", maps]]), new Map(state).set("x", x));
  const similarities = results.get("maps") as Floats;
  const cuts = tensorOf(testCase, "in.explanation_masks") as Floats;
  const masks = ids.flatMap((prototypes: number[], image: number) =>
    prototypes.map((prototype) => {
      const { shape, data } = sliceOf(similarities, image) as Floats;
      const { view } = bestView(float32(shape.slice(0, 2), data), prototype);
      const [channels, height, width] = cuts.shape.slice(2);
      const cut = interleaved(sliceOf(sliceOf(cuts, image), view) as Floats);
      return maskOfCut({ width, height, channels, data: cut }).data;
    })
  );
  const shape = [ids.length, ids[0].length, ...cuts.shape.slice(3)];
  const values = Uint8Array.from(masks.flatMap((found: Uint8Array) => [...found]));
  return { tensors: { "out.masks": hostTensor("uint8", shape, values) } };
}

/** The elements of planes [C, H, W], channel by channel for each pixel. */
function interleaved({ shape: [channels], data }: Floats): Float32Array {
  const size = data.length / channels;
  return data.map((_, i) => data[(i % channels) * size + Math.floor(i / channels)]);
}

export const mapRunners: Record<string, Runner> = {
  "prp.map": map,
  "prp.saliency_protomask": saliency,
  "prp.invert_cropping": invertCropping,
  "prp.upscale": (testCase) => {
    const { size } = testCase.params;
    const maps = upscaleMaps(tensorOf(testCase, "in.maps") as Floats, size, size);
    return { tensors: withSummaries(testCase, { "out.maps": maps }) };
  },
  "prp.upscale_model": upscaleModel,
  "prp.mask": mask,
};
