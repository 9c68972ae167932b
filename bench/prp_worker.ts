/** Our side of bench/prp.ts: answers each command on stdin, one JSON object per line, with one line. */

import { createInterface } from "node:readline";
import process from "node:process";
import { bestView } from "../lib/explain/best_views.ts";
import { explainedModel } from "../lib/explain/explained_model.ts";
import { Explainer } from "../lib/explain/explainer.ts";
import { sliceOf } from "../lib/metrics/shapes.ts";
import { readModel } from "../lib/models/model_folder.ts";
import { readWeights } from "../lib/nn/checkpoint/open.ts";
import type { HostTensor } from "../lib/tensor/host_tensor.ts";
import type { PrpCase, PrpCommand } from "./prp.ts";

type Floats = HostTensor<"float32">;

function prepare({ folder, views: path, threads }: PrpCase): (command: PrpCommand) => Promise<number[]> {
  const views = readWeights(path).get("views") as Floats;
  const explainer = new Explainer(explainedModel(readModel(folder)), { method: "prp", session: { threads } });
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
