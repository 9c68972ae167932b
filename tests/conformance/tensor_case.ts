/** Runs a case that is a tensor function: its outputs, and the gradients that the case expects. */

import { gradients } from "../../lib/tensor/grad.ts";
import type { ElementType, Tensor } from "../../lib/tensor/op.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { type Case, type Json, type Outcome, tensorsUnder } from "./case.ts";
import { runProgram } from "./run_program.ts";

/** Builds the outputs of a kind from the case's inputs, by their names without "in.". */
export type Build = (inputs: Record<string, Tensor>, params: Json) => Tensor | Record<string, Tensor>;

/** The outcome of `build` on the case's `in.*`: `out.*`, and `grad.NAME` of Σ out.y · in.dy where it is expected. */
export async function runTensorCase(testCase: Case, build: Build): Promise<Outcome> {
  const given = tensorsUnder(testCase, "in.");
  const tensors: Record<string, Tensor> = {};
  for (const [name, { dtype, shape }] of given) tensors[name] = input(name, dtype as ElementType, shape);
  const built = build(tensors, testCase.params);
  const named: Record<string, Tensor> = "node" in built ? { y: built as Tensor } : built;
  const outputs = new Map<string, Tensor>();
  for (const [name, tensor] of Object.entries(named)) outputs.set(`out.${name}`, tensor);
  const wanted = [...tensorsUnder(testCase, "grad.").keys()];
  if (wanted.length > 0) {
    const seeds = [{ output: named.y, cotangent: tensors.dy }];
    const results = gradients(seeds, wanted.map((name) => tensors[name]));
    wanted.forEach((name, i) => outputs.set(`grad.${name}`, results[i]));
  }
  return { tensors: Object.fromEntries(await runProgram(outputs, given)) };
}
