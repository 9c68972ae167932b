/** What should be known of a data set before a training: lines for the log of `dataset` and for `check-data`. */

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { ImageHeader } from "../../vision/image_header.ts";
import { classesWithout, type DataSet, listed, type Sample, samplesOf } from "../data_set.ts";
import type { CheckedImages } from "./check_images.ts";
import { isCmyk } from "./facts.ts";

/** The number of images of each split and of their classes. */
export function splitNotes(dataSet: DataSet): string[] {
  return (["train", "test"] as const).map((split) => {
    const samples = samplesOf(dataSet, split);
    const without = classesWithout(dataSet.classes, samples);
    return `${split}: ${samples.length} images of ${dataSet.classes.length - without.length} classes` +
      (without.length > 0 ? `; classes without images: ${listed(without)}` : "");
  });
}

/** Whether images are turned by their EXIF orientation, and images that are the same in both splits. */
export function imageWarnings({ dataSet, headers }: CheckedImages, turned: boolean): string[] {
  const { samples } = dataSet;
  return [...orientationWarnings(samples, headers, turned), ...copyWarnings(copiesIn(samples))];
}

function orientationWarnings(
  samples: readonly Sample[],
  headers: readonly ImageHeader[],
  turned: boolean,
): string[] {
  const oriented = samples.filter((_, i) => headers[i].orientation !== 1);
  if (oriented.length === 0) return [];
  const what = turned
    ? "were rotated by it"
    : "are read as stored, like in the reference; to rotate them: --set data.orientation=turn";
  return [
    `${oriented.length} images have an EXIF orientation (the first is ${oriented[0].name}) and ${what}`,
  ];
}

/** Groups of samples whose image files have the same bytes, in the order of their first samples. */
export function copiesIn(samples: readonly Sample[]): Sample[][] {
  const bySize = groupsOf(samples, ({ path }) => statSync(path).size);
  const digest = ({ path }: Sample) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return bySize.flatMap((group) => groupsOf(group, digest))
    .sort(([a], [b]) => samples.indexOf(a) - samples.indexOf(b));
}

/** Groups of more than one sample. */
function groupsOf(samples: readonly Sample[], key: (sample: Sample) => string | number): Sample[][] {
  return [...Map.groupBy(samples, key).values()].filter(({ length }) => length > 1);
}

function copyWarnings(copies: readonly (readonly Sample[])[]): string[] {
  const across = copies.filter((group) => new Set(group.map(({ split }) => split)).size > 1);
  const pair = (group: readonly Sample[]) => group.map(({ name }) => name).join(" = ");
  const tested = across.flatMap((group) => group.filter(({ split }) => split === "test"));
  const mixed = copies.filter((group) => new Set(group.map(({ label }) => label)).size > 1);
  const within = copies.filter((group) => !across.includes(group));
  return [
    ...(across.length === 0 ? [] : [
      `${count(tested, "test image")} also in train, so figures on them are too good: ${
        listed(across.map(pair))
      }; to leave them out: ${skipSetting(tested.map(({ name }) => name))}`,
    ]),
    ...(within.length === 0
      ? []
      : [`${count(within.flat(), "image")} there more than once in a split: ${listed(within.map(pair))}`]),
    ...(mixed.length === 0
      ? []
      : [`${count(mixed.flat(), "image")} in several classes: ${listed(mixed.map(pair))}`]),
  ];
}

function count({ length }: readonly unknown[], what: string): string {
  return length === 1 ? `1 ${what} is` : `${length} ${what}s are`;
}

/** The option of `run` that leaves images out of the task `data`, quoted for a shell. */
export function skipSetting(names: readonly string[]): string {
  return `--set data.skip='${JSON.stringify(names).replaceAll("'", "\\u0027")}'`;
}

/** Classes that can't be learned or measured. */
export function splitWarnings(dataSet: DataSet): string[] {
  const { classes } = dataSet;
  return [
    ...(classes.length < 2 ? ["there is one class alone, so there is nothing to tell apart"] : []),
    ...(["train", "test"] as const).flatMap((split) => {
      const without = classesWithout(classes, samplesOf(dataSet, split));
      return without.length > 0 ? [`classes without ${split} images: ${listed(without)}`] : [];
    }),
  ];
}

/** Images whose colours are not read as they are seen. */
export function colourWarnings({ dataSet: { samples }, headers }: CheckedImages): string[] {
  const cmyk = samples.filter((_, i) => isCmyk(headers[i])).map(({ name }) => name);
  if (cmyk.length === 0) return [];
  return [
    `${
      count(cmyk, "image")
    } CMYK, of which the reference takes black for opacity, so the colours are wrong: save ` +
    `them as RGB (${listed(cmyk)})`,
  ];
}
