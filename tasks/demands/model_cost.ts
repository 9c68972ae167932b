/** The work and memory of a prototype model's programs, counted from their graphs once for each shape. */
import { type ModelDescription, modelOf } from "../../lib/models/model_folder.ts";
import { definitionOf } from "../../lib/models/models.ts";
import {
  gradientProgram,
  stateInputs,
  stepProgram,
  validationProgram,
} from "../../lib/models/training/step/batch_programs.ts";
import { optimiserGroups } from "../../lib/models/training/step/phase_training.ts";
import { modelBytes } from "../../lib/models/training/phase/phase_memory.ts";
import { seenShape } from "../../lib/models/training/phase/view_batches.ts";
import type { Phase } from "../../lib/nn/optim/phases.ts";
import { headOf } from "../../lib/explain/prp/heads.ts";
import { inputBounds, relevanceMaps } from "../../lib/explain/prp/relevance_maps.ts";
import { sweepsOver } from "../../lib/explain/prp/sweeps.ts";
import { program } from "../../lib/tensor/graph.ts";
import { peakBytes } from "../../lib/tensor/memory.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { recomputed } from "../../lib/tensor/recompute.ts";
import { costOf, type ProgramCost } from "./operations.ts";

/** The cost of a phase's programs. */
export interface PhaseCost {
  readonly gradient: ProgramCost;
  readonly step: ProgramCost;
  readonly validation: ProgramCost;
  /** Bytes of the intermediate values of a micro-batch, with as much as possible computed again. */
  readonly least: number;
  /** Bytes of the model's tensors, and of those that the phase trains. */
  readonly model: number;
  readonly trained: number;
}

const known = new Map<string, unknown>();

function once<T>(key: readonly unknown[], compute: () => T): T {
  const text = JSON.stringify(key);
  if (!known.has(text)) known.set(text, compute());
  return known.get(text) as T;
}

/** The cost of a phase with batches of `images` images. */
export function phaseCost(description: ModelDescription, phase: Phase, images: number): PhaseCost {
  return once(["phase", described(description), phase, images], () => {
    const { model, shape } = built(description, images, true);
    const groups = optimiserGroups(model, phase);
    const moved = groups.flatMap(({ parameters }) => parameters);
    const { program } = gradientProgram(model, phase, moved, shape, 1);
    return {
      gradient: costOf(program),
      least: Math.min(peakBytes(program), peakBytes(recomputed(program))),
      step: costOf(stepProgram(model, phase, groups).program),
      validation: costOf(validationProgram(model, phase, built(description, images, false).shape)),
      ...modelBytes(model, phase),
    };
  });
}

/** The cost of a model's answers to a batch of `images` images. */
export function answerCost(description: ModelDescription, images: number): ProgramCost {
  const { sees, evaluated } = definitionOf(description.model);
  // The loss of a model of pairs, which is counted with the answer, has no value for one image.
  const counted = sees === "pair" ? Math.max(2, images) : images;
  const cost = once(["answer", described(description), counted], () => {
    const { model, shape } = built(description, counted, false);
    return costOf(validationProgram(model, evaluated, shape));
  });
  const part = images / counted;
  return { ...cost, flop: cost.flop * part, bytes: cost.bytes * part };
}

/** The cost of relevance propagation from `sweeps` prototypes to as many of `views` views. */
export function relevanceCost(description: ModelDescription, views: number, sweeps: number): ProgramCost {
  return once(["relevance", described(description), views, sweeps], () => {
    const { width, height, model: name, backbone, colors } = description;
    const { maps } = relevanceMaps(input("x", "float32", [views, 3, height, width]), {
      head: headOf(definitionOf(name).compared),
      config: backbone,
      state: stateInputs(modelOf(description)),
      bounds: inputBounds(colors),
      prototypes: input("prototypes", "int64", [sweeps]),
      sweeps: sweepsOver(views, sweeps),
      fidelity: "intended",
    });
    return costOf(program({ maps }));
  });
}

function built(description: ModelDescription, images: number, trained: boolean) {
  const { sees } = definitionOf(description.model);
  const views = sees === "pair" ? (trained ? 2 : 1) : description.viewsPerImage;
  return { model: modelOf(description), shape: seenShape(sees, images, { ...description, views }) };
}

/** The part of a description that shapes depend on. */
function described({ classes, colors: _, ...rest }: ModelDescription): object {
  return { ...rest, classes: classes.length };
}
