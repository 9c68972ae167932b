/** The complete state of a training: continuing from bit-identical states gives bit-identical results. */

import { initialState, type ParameterGroup } from "../../../nn/optim/optimiser.ts";
import { gradientName } from "../../../nn/optim/accumulation.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { type Parameters, zerosOf } from "../../../nn/parameters.ts";
import type { HostTensor } from "../../../tensor/host_tensor.ts";
import type { EpochRecord } from "./epoch_record.ts";

/** The model, the optimiser's state, the chosen checkpoint and the counters of a training between two epochs. */
export interface TrainingState {
  /** The phase of `optimiser`; undefined before the first phase. */
  readonly phase?: Phase;
  /** The number of completed epochs of all phases. */
  readonly epochs: number;
  /** The model's state dictionary. */
  readonly model: Parameters;
  /** The optimiser's state for each parameter, such as `exp_avg.fc.weight`. */
  readonly optimiser: Parameters;
  /** The number of steps of the phase's optimiser. */
  readonly steps: number;
  /** Accumulated gradients that no step has applied yet, such as `grad.fc.weight`. */
  readonly gradients: Parameters;
  /** The accuracy that the phase's next checkpoint must exceed. */
  readonly bar: number;
  /** The chosen checkpoint of the phase, a state dictionary; undefined if no weights exceeded the bar. */
  readonly best?: Parameters;
  readonly history: readonly EpochRecord[];
}

/** The state before any epoch. */
export function untrained(model: Parameters): TrainingState {
  return {
    epochs: 0,
    model,
    optimiser: new Map(),
    steps: 0,
    gradients: new Map(),
    bar: 0,
    history: [],
  };
}

/**
 * A state before a fine-tune phase, whatever it trained before: with another model of fewer prototypes, and no memory of
 * optimisers. A fine-tune phase that the model had is to be repeated.
 */
export function beforeFineTune({ history }: TrainingState, model: Parameters): TrainingState {
  const earlier = history.filter(({ phase }) => phase !== "fine_tune");
  return { ...untrained(model), epochs: earlier.length, history: earlier };
}

/**
 * The state at the beginning of `phase`. The optimiser and the checkpoint are reset. Accumulated gradients
 * are kept for the parameters that the phase trains; the others are never used again.
 */
export function beginPhase(
  state: TrainingState,
  phase: Phase,
  groups: readonly ParameterGroup[],
): TrainingState {
  const gradients = new Map<string, HostTensor>();
  for (const parameter of groups.flatMap(({ parameters }) => parameters)) {
    const name = gradientName(parameter);
    gradients.set(name, state.gradients.get(name) ?? zerosOf(state.model.get(parameter)!.shape));
  }
  return {
    ...state,
    phase,
    optimiser: initialState(groups, state.model),
    steps: 0,
    gradients,
    bar: 0,
    best: undefined,
  };
}
