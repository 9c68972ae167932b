/** Several steps with their micro-batches as one program, which keeps the state of the training where it computes. */

import { gradientName } from "../../../nn/optim/accumulation.ts";
import type { ParameterGroup } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import type { Room } from "../../../runtime/room.ts";
import { type Program, program } from "../../../tensor/graph.ts";
import type { Tensor } from "../../../tensor/op.ts";
import { loop } from "../../../tensor/ops/loop.ts";
import { input, zeros } from "../../../tensor/ops/source.ts";
import type { PrototypeModel } from "../../prototypes/prototype_model.ts";
import { BATCH, gradientProgram, LABELS, type LoopProgram, NEXT, steppedState } from "./batch_programs.ts";
import type { BatchForm } from "./training_batch.ts";

export interface StepLoopOptions {
  readonly model: PrototypeModel;
  readonly phase: Phase;
  readonly groups: readonly ParameterGroup[];
  /** Micro-batches per step. */
  readonly accumulate: number;
  /** The memory for the intermediate values of a micro-batch. */
  readonly room: Pick<Room, "fit">;
}

/**
 * The program for `steps` steps, with the same bits as the programs of a micro-batch and of a step. The gradients are zero
 * before it. Its inputs are the state before, what the phase does not change, the batches [steps, accumulate, …], and the
 * scalars of the optimisers [steps]; its outputs are the state after, which `feedback` names, and loss terms and
 * logits [steps, accumulate, …].
 */
export function stepLoopProgram(options: StepLoopOptions, form: BatchForm, steps: number): LoopProgram {
  const one = oneStep(options, form);
  const state = new Set(options.model.specs.map(({ name }) => name));
  const carried = new Set(one.feedback.values());
  const isScanned = (name: string) => !state.has(name) && !carried.has(name);
  const all = loop(one.program, {
    turns: steps,
    feedback: one.feedback,
    scanned: { has: isScanned },
    inputs: inputsFor(one.program, steps, isScanned),
  });
  return { program: program(Object.fromEntries(all)), feedback: one.feedback };
}

function oneStep({ model, phase, groups, accumulate, room }: StepLoopOptions, form: BatchForm): LoopProgram {
  const moved = groups.flatMap(({ parameters }) => parameters);
  const micro = gradientProgram(model, phase, moved, form.shape, accumulate, form.colors);
  const body = room.fit(micro.program);
  const isOfBatch = new Set([BATCH, LABELS, ...model.extraInputs.map(({ name }) => name)]);
  const inputs = inputsFor(body, accumulate, (name) => isOfBatch.has(name));
  for (const name of moved) {
    inputs.set(gradientName(name), zeros(body.values[body.inputs.get(gradientName(name))!].shape));
  }
  const turns = loop(body, { turns: accumulate, feedback: micro.feedback, scanned: isOfBatch, inputs });
  const gradientOf = (name: string) => turns.get(NEXT + gradientName(name))!;
  const outputs = new Map(
    [...steppedState(model, phase, groups, gradientOf)].map(([name, tensor]) =>
      [NEXT + name, tensor] as const
    ),
  );
  const gradients = new Set(moved.map((name) => NEXT + gradientName(name)));
  const feedback = new Map([...outputs.keys()].map((name) => [name, name.slice(NEXT.length)]));
  for (const [output, name] of micro.feedback) if (!gradients.has(output)) feedback.set(output, name);
  for (const [name, tensor] of turns) if (!gradients.has(name)) outputs.set(name, tensor);
  return { program: program(Object.fromEntries(outputs)), feedback };
}

/** Program inputs for the inputs of a loop's body; those that are scanned have `turns` slices. */
function inputsFor(
  { inputs, values }: Program,
  turns: number,
  isScanned: (name: string) => boolean,
): Map<string, Tensor> {
  return new Map([...inputs].map(([name, number]) => {
    const { dtype, shape } = values[number];
    return [name, input(name, dtype, isScanned(name) ? [turns, ...shape] : shape)];
  }));
}
