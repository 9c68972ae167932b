/**
 * Ablations on drawn birds: the effect of each loss term, the number of views, and the flaws of the published
 * code. Leaves out one loss term at a time, for both numbers of views and both fidelities.
 */
import { axis, defineWorkflow, each } from "protoflow";
import { drawnBirds, smokeBirds } from "./study/drawn_birds.ts";
import { explanationStages, onOneCore } from "./study/stages.ts";

const published = { clst: 0.8, sep: 0.2, div: 0.2 };
const { prp, evaluate } = explanationStages(axis("fidelity"));

export default defineWorkflow({
  name: "ablations-birds",
  about: "loss terms, number of views and fidelity on drawn birds",
  matrix: {
    loss: {
      published,
      "no-clst": { ...published, clst: 0 },
      "no-sep": { ...published, sep: 0 },
      "no-div": { ...published, div: 0 },
    },
    views: [3, 5],
    fidelity: ["reference", "intended"],
    seed: [4871],
  },
  tasks: {
    ...onOneCore({
      ...drawnBirds({
        seed: axis("seed"),
        numMasks: axis("views"),
        coefs: { clst: axis("loss.clst"), sep: axis("loss.sep"), div: axis("loss.div") },
        fidelity: { training: axis("fidelity"), projection: axis("fidelity") },
      }),
      prp,
      evaluate,
    }),
    report: {
      kind: "report",
      params: { title: "What matters to ProtoMask on drawn birds", model: "ProtoMask" },
      inputs: {
        data: "data.data",
        maskStatistics: ["mask-statistics.statistics"],
        evaluations: each("evaluate.evaluation", "loss", "views", "fidelity", "seed"),
      },
    },
  },
  result: "report.page",
  profiles: { smoke: { matrix: { views: [3] }, ...smokeBirds } },
});
