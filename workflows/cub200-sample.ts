/**
 * ProtoMask on a few photographs of CUB-200-2011. Give the data set's folder, in the published layout, with
 * `--set data.source=FOLDER`.
 */
import { defineWorkflow } from "protoflow";
import { photographStages, smokePhotographs } from "./study/photographs.ts";

export default defineWorkflow({
  name: "cub200-sample",
  about: "ProtoMask on a folder with photographs of CUB-200-2011 (--set data.source=FOLDER)",
  matrix: { seed: [4871] },
  tasks: {
    data: { kind: "dataset", params: { name: "cub200" } },
    ...photographStages("ProtoMask on photographs of birds"),
  },
  result: "report.page",
  profiles: { smoke: smokePhotographs },
});
