/**
 * ProtoMask on photographs of your own, a folder for each class, with or without a split: `--set data.source=FOLDER`.
 * `deno task check-data FOLDER` says before what is wrong with them.
 */
import { defineWorkflow } from "protoflow";
import { photographStages, smokePhotographs } from "./study/photographs.ts";

export default defineWorkflow({
  name: "own-images",
  about: "ProtoMask on your own photographs, a folder for each class (--set data.source=FOLDER)",
  matrix: { seed: [4871] },
  tasks: {
    data: { kind: "dataset", params: { name: "image-folder" } },
    ...photographStages("ProtoMask on your own photographs"),
  },
  result: "report.page",
  profiles: { smoke: smokePhotographs },
});
