/** Conformance of whole relevance maps and of the other explanations. */

import { bestView } from "../../../../lib/explain/best_views.ts";
import { type ChosenView, Explainer } from "../../../../lib/explain/explainer.ts";
import type { SaliencyMethod } from "../../../../lib/explain/methods.ts";
import { pasteMap, placeInFrame } from "../../../../lib/explain/paste_map.ts";
import { canonise } from "../../../../lib/explain/prp/canonise.ts";
import { headOf } from "../../../../lib/explain/prp/heads.ts";
import { inputBounds, relevanceMaps } from "../../../../lib/explain/prp/relevance_maps.ts";
import { groupSweeps, OWNERS, sweepsOver } from "../../../../lib/explain/prp/sweeps.ts";
import { upscaleMaps } from "../../../../lib/explain/upscale.ts";
import { backboneFeatures } from "../../../../lib/models/backbone.ts";
import { definitionOf } from "../../../../lib/models/models.ts";
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
import { takeRows } from "../../../../lib/tensor/take_rows.ts";
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

/** The explainer of a case's model, for the method. */
function explainerOf(testCase: Case, method: SaliencyMethod): Explainer {
  const { model: name, config } = testCase.params;
  const model = caseModel(testCase);
  return new Explainer({
    definition: definitionOf(name),
    model,
    backbone: config.backbone,
    state: stateOf(testCase, model),
    colors: IMAGENET,
  }, { method });
}

/** The views of one image of a case: [V, C, H, W], or [1, C, H, W] of a model that sees images. */
function viewsOfImage(testCase: Case, image: number): Floats {
  const views = sliceOf(tensorOf(testCase, "in.x") as Floats, image) as Floats;
  return views.shape.length === 3 ? float32([1, ...views.shape], views.data) : views;
}

/** For each image of a case: its prototypes, each in the view that is most similar to it. */
async function chosenViews(testCase: Case, explainer: Explainer): Promise<ChosenView[][]> {
  const chosen: ChosenView[][] = [];
  for (const [image, prototypes] of testCase.params.prototype_ids.entries()) {
    const { similarities } = await explainer.similarities(viewsOfImage(testCase, image), image);
    chosen.push(
      prototypes.map((prototype: number) => ({ prototype, view: bestView(similarities, prototype).view })),
    );
  }
  return chosen;
}

/** Relevance at every stage, of the library's program for the chosen views of all images. */
async function stages(testCase: Case, chosen: readonly (readonly ChosenView[])[]) {
  const { model, config, fidelity } = testCase.params;
  const state = canonise(stateOf(testCase, caseModel(testCase)), config.backbone);
  const all = viewsOf(testCase);
  const perImage = all.shape[0] / chosen.length;
  const rows = chosen.flatMap((ofImage, image) => ofImage.map(({ view }) => image * perImage + view));
  const { views, owners } = groupSweeps(rows);
  const count = rows.length;
  const prototypes = chosen.flat().map(({ prototype }) => prototype);
  const values = new Map<string, HostTensor>(state).set("x", takeRows(all, views))
    .set("prototypes", int64([count], prototypes)).set(OWNERS, int64([count], owners));
  const inputs = inputsLike(values);
  const found = relevanceMaps(inputs.get("x")!, {
    head: headOf(definitionOf(model).compared),
    config: config.backbone,
    state: inputs,
    bounds: inputBounds(IMAGENET),
    prototypes: inputs.get("prototypes")!,
    sweeps: sweepsOver(views.length, count),
    fidelity,
  });
  const outputs = new Map([["relevance.input", found.input]]);
  for (const [stage, relevance] of found.stages) outputs.set(`relevance.${stage}`, relevance);
  if (found.addOn) outputs.set("relevance.add_on", found.addOn);
  return await runProgram(outputs, values);
}

async function map(testCase: Case): Promise<Outcome> {
  const { config, prototype_ids: ids, fidelity } = testCase.params;
  const state = stateOf(testCase, caseModel(testCase));
  const plain = await explained(testCase, state);
  const after = await explained(testCase, canonise(state, config.backbone));
  const explainer = explainerOf(testCase, "prp");
  const chosen = await chosenViews(testCase, explainer);
  const maps: number[] = [];
  for (const [image, explanations] of chosen.entries()) {
    const found = await explainer.relevance(viewsOfImage(testCase, image), explanations, fidelity);
    maps.push(...found.data);
  }
  await explainer.release();
  const perImage = [ids.length, ids[0].length];
  const tensors: Record<string, HostTensor> = {
    "out.logits_plain": plain.logits,
    "out.logits_canonised": after.logits,
    "out.features_canonised": after.features,
    "out.view": int64(perImage, chosen.flat().map(({ view }) => view)),
    "out.map": float32([...perImage, ...config.input_size.slice(1)], maps),
  };
  for (const [name, value] of await stages(testCase, chosen)) {
    tensors[`out.${name}`] = { ...value, shape: [...perImage, ...value.shape.slice(1)] };
  }
  const count = perImage[0] * perImage[1];
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
  const explainer = explainerOf(testCase, "prp");
  const [, height, width] = config.input_size;
  const sizes = tensorOf(testCase, "in.sizes").data;
  const boxes = tensorOf(testCase, "in.boxes") as Floats;
  const maps: number[] = [];
  for (const [image, explanations] of (await chosenViews(testCase, explainer)).entries()) {
    const found = await explainer.relevance(viewsOfImage(testCase, image), explanations, fidelity);
    for (const [i, { view }] of explanations.entries()) {
      const box = [...(sliceOf(sliceOf(boxes, image), view) as Floats).data] as unknown as Box;
      const size = { height: Number(sizes[2 * image]), width: Number(sizes[2 * image + 1]) };
      const place = placeInFrame(box, size, { width, height });
      maps.push(...pasteMap(sliceOf(found, i) as Floats, place, { width, height }).data);
    }
  }
  await explainer.release();
  return { tensors: { "out.maps": float32([ids.length, ids[0].length, height, width], maps) } };
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
  const explainer = explainerOf(testCase, "upscale");
  const values: number[] = [];
  for (const [image, prototypes] of ids.entries()) {
    const { maps } = await explainer.similarities(viewsOfImage(testCase, image), image);
    values.push(...upscaleMaps(takeRows(maps, prototypes), width, height).data);
  }
  await explainer.release();
  return { tensors: { "out.maps": float32([ids.length, ids[0].length, height, width], values) } };
}

async function mask(testCase: Case): Promise<Outcome> {
  const { prototype_ids: ids } = testCase.params;
  const explainer = explainerOf(testCase, "mask");
  const cuts = tensorOf(testCase, "in.explanation_masks") as Floats;
  const [channels, height, width] = cuts.shape.slice(2);
  const masks = (await chosenViews(testCase, explainer)).flatMap((chosen, image) =>
    chosen.flatMap(({ view }) => {
      const cut = interleaved(sliceOf(sliceOf(cuts, image), view) as Floats);
      return [...maskOfCut({ width, height, channels, data: cut }).data];
    })
  );
  await explainer.release();
  const shape = [ids.length, ids[0].length, ...cuts.shape.slice(3)];
  return { tensors: { "out.masks": hostTensor("uint8", shape, Uint8Array.from(masks)) } };
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
