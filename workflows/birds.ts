/**
 * ProtoMask on drawn birds with three seeds; needs no downloads. Training follows the published code;
 * projection, explanation and metrics follow the paper.
 */
import { axis, defineWorkflow } from "protoflow";
import { drawnBirds, smokeBirds } from "./study/drawn_birds.ts";
import { explanationStages, onOneCore, reportStage } from "./study/stages.ts";

export default defineWorkflow({
  name: "birds",
  about: "ProtoMask on drawn birds: small, embedded, three seeds",
  matrix: { seed: [4871, 7579, 9307] },
  tasks: {
    ...onOneCore({
      ...drawnBirds({
        seed: axis("seed"),
        numMasks: 5,
        coefs: {},
        fidelity: { training: "reference", projection: "intended" },
      }),
      ...explanationStages("intended"),
    }),
    report: reportStage("ProtoMask on drawn birds"),
  },
  result: "report.page",
  profiles: { smoke: { matrix: { seed: [4871] }, ...smokeBirds } },
});
