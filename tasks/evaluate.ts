/** The kind `evaluate`: measures a trained model, overall and per image and prototype. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { evaluateModel, STUDY_TECHNIQUES, TECHNIQUES } from "../lib/evaluate/evaluate_model.ts";
import { evaluationFidelity } from "../lib/evaluate/evaluation_fidelity.ts";
import { writeEvaluation } from "../lib/evaluate/evaluation_file.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "evaluate",
  about: "measure a model: performance, compactness, contrastivity, complexity, continuity",
  params: z.strictObject({
    /**
     * The groups of figures. `continuity` (changed colours) and `output-completeness` (noise outside an explanation)
     * explain every explained image again: continuity once, output completeness for each of its top prototypes.
     */
    techniques: z.array(z.enum(TECHNIQUES)).min(1).default([...STUDY_TECHNIQUES]),
    /**
     * `tables`: the figures of the paper's tables; `all`: the requested groups' other figures too, precision, recall, ROC
     * AUC, Local Size, PLC, PALC, entropy, OIRR and IOU.
     */
    figures: z.enum(["tables", "all"]).default("tables"),
    /**
     * The number of top prototypes that explain an image; at least two, because they are compared with each
     * other.
     */
    k: z.int().min(2).default(5),
    /**
     * What stands for the object in Object Overlap, Background Overlap, IOU and OIRR: its mask (default), or its annotated
     * box, for data sets without masks.
     */
    objects: z.enum(["masks", "boxes"]).optional(),
    /** Images per batch; the means of the reference depend on it. */
    batchSize: z.int().positive().default(16),
    fidelity: evaluationFidelity,
    ...precision,
  }),
  inputs: {
    data: { about: "the data set of the views" },
    views: { about: "the views of the split to evaluate" },
    model: { about: "a trained model" },
    saliency: {
      about: "saliency maps of the images; required for the metrics of saliency maps",
      optional: true,
    },
  },
  outputs: ["evaluation"],
  resources: { cpu: 2 },
  permissions: nativeLibraries,
  async run(context) {
    const { params, input, inputs, output, progress, log } = context;
    const evaluation = await evaluateModel({
      data: input("data"),
      views: input("views"),
      model: input("model"),
      saliency: inputs("saliency")[0],
    }, {
      ...params,
      session: sessionOptions(context),
      onImage: (done, total) => progress({ done, total, unit: "images" }),
    });
    for (const [name, value] of Object.entries(evaluation.results)) log(`${name}: ${value}`);
    for (const [name, reason] of Object.entries(evaluation.omitted)) {
      log(`the metric ${name} is left out: ${reason}`);
    }
    writeEvaluation(output("evaluation"), evaluation);
  },
});
