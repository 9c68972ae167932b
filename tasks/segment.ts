/** The kind `segment`: finds the masks of every image of a data set, one mask set per image. */
import { z } from "zod";
import { type IndexedSample, readDataSetIndex, withPaths } from "../lib/data/data_set_index.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { formatMaskSet, maskSetFile } from "../lib/segment/mask_set.ts";
import { methodOf, segmentMethod } from "../lib/segment/methods.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { type Segmenter, segmentSample } from "../lib/segment/segmenter.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

/** What an item is given of the data set's index: its image, and the facts that the method adds. */
type ItemFacts = Pick<IndexedSample, "id" | "name" | "image">;

export default defineTask({
  name: "segment",
  about: "find the masks of every image",
  params: z.strictObject({ method: segmentMethod, ...precision }),
  inputs: ({ method }) => ({ data: { about: "a data set" }, ...methodOf(method).inputs }),
  outputs: ["masks"],
  permissions: nativeLibraries,
  resources: ({ method }) => ({ cpu: methodOf(method).cpu }),
  items: {
    // The name of an item is the name of its output file, so that no step is needed to collect the items.
    async list({ params: { method }, input, inputs }) {
      const index = readDataSetIndex(input("data"));
      const chosen = methodOf(method);
      const factsOf = await chosen.facts?.(method, { index, inputs });
      return index.samples.map((sample) => ({
        id: maskSetFile(sample),
        files: chosen.files(method, sample, (name) => inputs(name).length > 0),
        facts: { id: sample.id, name: sample.name, image: sample.image, ...factsOf?.(sample) },
      }));
    },
    prepare(context): Promise<Segmenter> {
      const { params: { method }, inputs, log } = context;
      return methodOf(method).open(method, { inputs, log, session: sessionOptions(context) });
    },
    async runItem({ input, output, log }, { facts }, segmenter: Segmenter) {
      const set = await segmentSample(withPaths(input("data"), facts as ItemFacts), segmenter);
      if (set.masks.length === 0) log(`warning: no mask was found in ${set.image}`);
      Deno.writeTextFileSync(output("masks"), formatMaskSet(set));
    },
  },
});
