/** Our side of bench/prp.ts: answers each command on stdin, one JSON object per line, with one line. */

import { createInterface } from "node:readline";
import process from "node:process";
import { bestView } from "../lib/explain/best_views.ts";
import { explanationOf } from "../lib/explain/explained_model.ts";
import { Explainer } from "../lib/explain/explainer.ts";
import { sliceOf } from "../lib/metrics/shapes.ts";
import { resNetBackbone } from "../lib/models/backbone.ts";
import { protoMask } from "../lib/models/protomask.ts";
import { readWeights } from "../lib/nn/checkpoint/open.ts";
import type { HostTensor } from "../lib/tensor/host_tensor.ts";
import { IMAGENET } from "../lib/vision/normalize.ts";
import { backboneOf, type PrpCase, type PrpCommand } from "./prp.ts";

type Floats = HostTensor<"float32">;

function prepare({ file, threads, ...settings }: PrpCase): (command: PrpCommand) => Promise<number[]> {
  const backbone = backboneOf(settings);
  const { classes, perClass, depth } = settings;
  const config = { backbone: resNetBackbone(backbone), classes, prototypesPerClass: perClass, depth };
  const state = readWeights(file);
  const views = state.get("views") as Floats;
  const explainer = new Explainer(
    {
      name: "protomask",
      ...explanationOf("protomask"),
      model: protoMask(config),
      backbone,
      state,
      colors: IMAGENET,
    },
    "prp",
    { threads },
  );
  return async ({ pairs, choose }) => {
    const similarities = choose ? (await explainer.similarities(views, 0)).similarities : undefined;
    const explanations = pairs.map(([prototype, view]) => ({
      prototype,
      view: similarities ? bestView(similarities, prototype).view : view,
    }));
    const maps = await explainer.relevance(views, explanations, "reference");
    return pairs.map((_, i) => (sliceOf(maps, i) as Floats).data.reduce((total, value) => total + value, 0));
  };
}

let run: ((command: PrpCommand) => Promise<number[]>) | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const start = performance.now();
  let sums: number[] = [];
  if (command.case) run = prepare(command.case);
  else sums = await run!(command);
  console.log(JSON.stringify({ ms: performance.now() - start, sums }));
}
