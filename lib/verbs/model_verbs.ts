/** The verbs about trained models, each described once: help, deno.json and README say the same. */

import { InvalidArgumentError, Option } from "commander";
import { json, wholeNumber } from "../flow/commands/options.ts";
import type { Project } from "../flow/commands/open_workflow.ts";
import type { Verb } from "../flow/commands/verbs.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { isName, splitReference } from "./reference.ts";

/** `predict` and `export`. */
export const MODEL_VERBS: readonly Verb[] = [
  {
    usage: "predict <model> <photo...>",
    about: "classify photographs by a trained model, and show the prototypes behind each decision",
    isAboutWorkflow: true,
    options: [
      new Option("--page <folder>", "write a page that shows each decision"),
      new Option("--box <x1,y1,x2,y2>", "the object's box in pixels, for a model trained on boxes").argParser(
        boxOf,
      ),
      new Option("--turn", "rotate photographs by their EXIF orientation, even if the training did not"),
      json,
    ],
    examples: [
      "predict 'birds[seed=4871]' photo.jpg",
      "predict models/birds photographs --page decisions",
    ],
    load: () => withModels(async () => (await import("./predict.ts")).predictCommand),
  },
  {
    usage: "export <model> <folder>",
    about: "write a trained model as ONNX and safetensors, with a README of its shapes",
    isAboutWorkflow: true,
    options: [
      new Option("--batch <n>", "the number of images of a batch (default: 1)").argParser(wholeNumber),
    ],
    examples: [
      "export 'birds[seed=4871]' exported",
      "export models/birds exported --batch 16",
    ],
    load: () => withModels(async () => (await import("./export.ts")).exportCommand),
  },
];

/** The command of a module that describes models: it is read once those of one's own are known. */
async function withModels<Rest extends unknown[]>(
  load: () => Promise<(project: Project, reference: string, ...rest: Rest) => Promise<number>>,
) {
  const { addModelsOfFolder, addModelsOfWorkflow } = await import("../flow/commands/known_models.ts");
  return async (project: Project, reference: string, ...rest: Rest) => {
    const named = splitReference(reference);
    if ("folder" in named) await addModelsOfFolder(project, named.folder);
    else if (isName(named.workflow)) await addModelsOfWorkflow(project, named.workflow);
    return await (await load())(project, reference, ...rest);
  };
}

function boxOf(text: string): Box {
  const numbers = text.split(",").map(Number);
  if (numbers.length !== 4 || numbers.some((number) => !Number.isFinite(number) || number < 0)) {
    throw new InvalidArgumentError("expected four numbers, such as 10,20,300,280.");
  }
  return numbers as unknown as Box;
}
