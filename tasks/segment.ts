/** The kind `segment`: finds the masks of every image of a data set, one mask set per image. */
import { z } from "zod";
import type { Sample } from "../lib/data/data_set.ts";
import { readDataSetIndex, readIndexedDataSet } from "../lib/data/data_set_index.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { formatMaskSet, maskSetFile } from "../lib/segment/mask_set.ts";
import { methodOf, segmentMethod } from "../lib/segment/methods.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { type Segmenter, segmentSample } from "../lib/segment/segmenter.ts";
import { nativeLibraries } from "./permissions.ts";

interface Prepared {
  readonly segmenter: Segmenter;
  /** The samples by the file name of their mask set. */
  readonly samples: ReadonlyMap<string, Sample>;
}

export default defineTask({
  name: "segment",
  about: "find the masks of every image",
  params: z.strictObject({ method: segmentMethod }),
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
        ...(factsOf && { facts: factsOf(sample) }),
      }));
    },
    async prepare(context): Promise<Prepared> {
      const { params: { method }, input, inputs, log } = context;
      const { samples } = readIndexedDataSet(input("data"));
      return {
        segmenter: await methodOf(method).open(method, { inputs, log, session: sessionOptions(context) }),
        samples: new Map(samples.map((sample) => [maskSetFile(sample), sample])),
      };
    },
    async runItem({ output, log }, { id }, { segmenter, samples }: Prepared) {
      const set = await segmentSample(samples.get(id)!, segmenter);
      if (set.masks.length === 0) log(`warning: no mask was found in ${set.image}`);
      Deno.writeTextFileSync(output("masks"), formatMaskSet(set));
    },
  },
});
