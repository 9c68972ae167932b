/**
 * Our side of bench/train_step.ts: answers each command on stdin, one JSON object per line, with one line.
 */

import { createInterface } from "node:readline";
import process from "node:process";
import { resNet, resNetChannels } from "../lib/models/resnet.ts";
import { initialResNet } from "../lib/models/resnet_init.ts";
import { defaultBias, defaultWeight, draw } from "../lib/nn/init.ts";
import { linearLayer, linearSpecs } from "../lib/nn/layers/linear.ts";
import { adam } from "../lib/nn/optim/adam.ts";
import { initialState, scalarInputs, stepOf } from "../lib/nn/optim/optimiser.ts";
import { ResidentProgram } from "../lib/runtime/resident.ts";
import { openSession } from "../lib/runtime/session.ts";
import { tuneForms } from "../lib/runtime/tuner.ts";
import { gradients } from "../lib/tensor/grad.ts";
import { program } from "../lib/tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../lib/tensor/host_tensor.ts";
import type { ElementType, Tensor } from "../lib/tensor/op.ts";
import { crossEntropy } from "../lib/tensor/ops/cross_entropy.ts";
import { mean } from "../lib/tensor/ops/reduce.ts";
import { input } from "../lib/tensor/ops/source.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { peakMemory } from "./peak_memory.ts";
import type { Case } from "./train_step_case.ts";

type Settings = Case & { threads: number; tune: boolean };

interface Prepared {
  run: () => Promise<unknown>;
  sessionMs: number;
}

function network(settings: Settings) {
  const { batch, size, classes, training } = settings;
  const fc = linearSpecs("fc", resNetChannels(settings), classes);
  const weightShape = fc[0].shape;
  const values = initialResNet(settings, 1);
  for (const { name, shape } of fc) {
    const distribution = shape.length === 2 ? defaultWeight(shape) : defaultBias(weightShape);
    values.set(name, draw(distribution, shape, { seed: 1, name }));
  }
  const state = new Map(
    [...values].map(([name, { dtype, shape }]) => [name, input(name, dtype as ElementType, shape)]),
  );
  const updated = new Map<string, Tensor>();
  const context = { state, training, updated };
  const { features } = resNet(input("x", "float32", [batch, 3, size, size]), settings, context);
  const pooled = mean(features, { axes: [2, 3] });
  const logits = linearLayer(pooled, "fc", context);
  const pixels = new Float32Array(batch * 3 * size * size);
  new RandomStream({ seed: 1, purpose: "pixels" }).fillNormal(pixels, 0, 1);
  return { values, state, updated, logits, x: float32([batch, 3, size, size], pixels) };
}

async function prepareTraining(settings: Settings): Promise<Prepared> {
  const { values, state, updated, logits, x } = network(settings);
  const { batch, classes, threads, tune } = settings;
  const loss = crossEntropy(logits, input("labels", "int64", [batch]));
  const parameters = [...state.keys()].filter((name) => /\.(weight|bias)$/.test(name));
  const results = gradients(loss, parameters.map((name) => state.get(name)!));
  const group = { name: "all", parameters, optimiser: adam() };
  const after = stepOf([group], state, new Map(parameters.map((name, i) => [name, results[i]])));
  const next = new Map([...updated, ...after]);
  const outputs = new Map([...next].map(([name, tensor]) => [`next ${name}`, tensor]));
  const built = program({ loss, ...Object.fromEntries(outputs) });
  const forms = tune ? await tuneForms(built, { threads }) : undefined;
  const start = performance.now();
  const resident = await ResidentProgram.open(built, {
    threads,
    forms,
    feedback: new Map([...next.keys()].map((name) => [`next ${name}`, name])),
    state: new Map<string, HostTensor>([...values, ...initialState([group], state)]),
  });
  const sessionMs = performance.now() - start;
  const labels = int64([batch], Array.from({ length: batch }, (_, i) => i % classes));
  let step = 0;
  return {
    sessionMs,
    run: () => resident.step({ x, labels, ...Object.fromEntries(scalarInputs(group, 1e-4, ++step)) }),
  };
}

async function prepareEvaluation(settings: Settings): Promise<Prepared> {
  const { values, logits, x } = network(settings);
  const built = program({ logits });
  const start = performance.now();
  const { threads, tune } = settings;
  const forms = tune ? await tuneForms(built, { threads }) : undefined;
  const session = await openSession(built, { threads, forms });
  const sessionMs = performance.now() - start;
  const needed = Object.fromEntries([...values].filter(([name]) => built.inputs.has(name)));
  return { sessionMs, run: () => session.run({ ...needed, x }) };
}

let prepared: Prepared | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const start = performance.now();
  if (command.case) {
    prepared = await (command.case.training ? prepareTraining : prepareEvaluation)(command.case);
  } else {
    await prepared!.run();
  }
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, peakMb: peakMemory(), sessionMs: prepared?.sessionMs }));
}
