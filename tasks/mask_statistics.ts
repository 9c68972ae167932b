/** The kind `mask-statistics`: measures the size, consistency and quality of the masks of a data set. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Sample, sampleFileName } from "../lib/data/data_set.ts";
import { type IndexedSample, readDataSetIndex, readIndexedDataSet } from "../lib/data/data_set_index.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { rankMarkdown } from "../lib/report/tables/rank_table.ts";
import { type MaskFacts, maskFacts } from "../lib/segment/mask_facts.ts";
import { maskSetFile, parseMaskSet } from "../lib/segment/mask_set.ts";
import { maskStatistics } from "../lib/segment/mask_statistics.ts";
import { nativeLibraries } from "./permissions.ts";

interface Prepared {
  readonly samples: ReadonlyMap<string, Sample>;
  readonly slots: number;
  readonly partIds: readonly number[];
}

/** The largest number of visible parts of an image. */
function slotsOf(samples: readonly { readonly parts: readonly unknown[] }[]): number {
  return samples.reduce((most, { parts }) => Math.max(most, parts.length), 0);
}

/** The part of the data set's index that `maskFacts` reads. */
function indexFacts({ name, label, box, parts, partMask }: IndexedSample, slots: number, partIds: number[]) {
  return { name, label, ...(box && { box }), parts, slots, ...(partMask !== undefined && { partIds }) };
}

const partIdsOf = (partNames: Readonly<Record<string, string>>) => Object.keys(partNames).map(Number);

export default defineTask({
  name: "mask-statistics",
  about: "compare the masks of every image with each other and with the annotations",
  params: z.strictObject({}),
  inputs: {
    data: { about: "a data set" },
    masks: { about: "a folder of mask sets, one file per image" },
  },
  outputs: ["statistics"],
  permissions: nativeLibraries,
  items: {
    list({ input }) {
      const { samples, partNames } = readDataSetIndex(input("data"));
      const [slots, partIds] = [slotsOf(samples), partIdsOf(partNames)];
      return samples.map((sample) => ({
        id: sampleFileName(sample),
        files: {
          data: [sample.segmentation, sample.partMask].filter((file) => file !== undefined),
          masks: [maskSetFile(sample)],
        },
        facts: indexFacts(sample, slots, partIds),
      }));
    },
    prepare({ input }): Prepared {
      const { samples, partNames } = readIndexedDataSet(input("data"));
      return {
        samples: new Map(samples.map((sample) => [sampleFileName(sample), sample])),
        slots: slotsOf(samples),
        partIds: [...partNames.keys()],
      };
    },
    async runItem({ input, output }, { id }, { samples, slots, partIds }: Prepared) {
      const sample = samples.get(id)!;
      const file = maskSetFile(sample);
      const set = parseMaskSet(readFileSync(join(input("masks"), file), "utf8"), file);
      const facts = await maskFacts(sample, set, slots, partIds);
      Deno.writeTextFileSync(output("statistics"), JSON.stringify(facts));
    },
    collect({ input, output }, results) {
      const { partNames } = readDataSetIndex(input("data"));
      const facts = results.ids.map((id) =>
        JSON.parse(readFileSync(results.path(id, "statistics"), "utf8")) as MaskFacts
      );
      const statistics = maskStatistics(facts, new Map(Object.entries(partNames)));
      const folder = output("statistics");
      Deno.mkdirSync(folder);
      const write = (file: string, text: string) => Deno.writeTextFileSync(join(folder, file), text);
      write("statistics.json", `${JSON.stringify(statistics, null, 1)}\n`);
      write("size_distribution.md", rankMarkdown(statistics.sizeByRank));
      if (statistics.overlapByRank) write("overlap_distribution.md", rankMarkdown(statistics.overlapByRank));
    },
  },
});
