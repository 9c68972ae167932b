/** Writes the data set `birds` in the layout of CUB-200-2011, so that `readCub200` can read it. */

import { join } from "node:path";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Image, image, imageOfMask, type Mask } from "../../vision/image.ts";
import { maskBox } from "../../vision/masks/boxes.ts";
import { encodePortablePng } from "../../vision/portable_png.ts";
import type { Split } from "../data_set.ts";
import {
  BIRD_PARTS,
  birdClasses,
  type BirdsOptions,
  type BirdSpec,
  type BirdVariants,
  drawBird,
} from "./bird_spec.ts";
import { objectOf, renderBird } from "./render_bird.ts";

/**
 * An extra file beside those of CUB: the `BirdSpec` of each image id, for drawing the image again with
 * `renderBird`.
 */
export const SPECS_FILE = "birds.json";

const BREASTS = ["Flame", "Spotted", "Striped", "Bibbed"];
const BEAKS = ["Conebill", "Needlebill", "Hookbill", "Broadbill"];

/** The name of a class's folder; labels count from 0, names from 1. */
export function birdClassName(label: number, { breast, beak }: BirdVariants): string {
  return `${String(label + 1).padStart(3, "0")}.${BREASTS[breast]}_${BEAKS[beak]}`;
}

/**
 * Draws all birds and writes them below `root`: `images.txt`, `classes.txt`, `image_class_labels.txt`,
 * `train_test_split.txt`, `bounding_boxes.txt`, `parts/parts.txt` and `parts/part_locs.txt` as in CUB, images
 * as PNG, object masks as `segmentations/<class>/<stem>.png` (0 and 255), part masks as
 * `parts/masks/<class>/<stem>.png` (the grey levels of `RenderedBird.partMask`), and the specs as
 * `birds.json`. The same options give the same bytes on every machine.
 *
 * The point of a part is its visible pixel nearest to the mean of its visible pixels. A part without visible
 * pixels is marked as not visible.
 *
 * @throws {RangeError} if an option is out of range.
 */
export function writeBirds(
  root: string,
  options: BirdsOptions,
  progress: (done: number, total: number) => void = () => {},
): void {
  const { trainPerClass, testPerClass } = options;
  const classes = birdClasses(options.classes);
  const total = classes.length * (trainPerClass + testPerClass);
  const names = classes.map((variants, label) => birdClassName(label, variants));
  const lines = {
    "classes.txt": names.map((name, label) => `${label + 1} ${name}`),
    "images.txt": [] as string[],
    "image_class_labels.txt": [] as string[],
    "train_test_split.txt": [] as string[],
    "bounding_boxes.txt": [] as string[],
    "parts/parts.txt": BIRD_PARTS.map((part, i) => `${i + 1} ${part}`),
    "parts/part_locs.txt": [] as string[],
  };
  const specs: Record<string, BirdSpec> = {};
  for (const folder of ["images", "segmentations", "parts/masks"]) {
    for (const name of names) mkdirSync(join(root, folder, name), { recursive: true });
  }
  let id = 0;
  for (const [label, variants] of classes.entries()) {
    for (const [split, count] of [["train", trainPerClass], ["test", testPerClass]] as [Split, number][]) {
      for (let number = 0; number < count; number++) {
        const spec = drawBird(options, variants, { label, split, number });
        const { image, partMask } = renderBird(spec);
        const object = objectOf(partMask);
        const stem = `${names[label]}/${split}_${String(number).padStart(4, "0")}`;
        id++;
        specs[id] = spec;
        write(root, `images/${stem}.png`, encodePortablePng(image));
        write(root, `segmentations/${stem}.png`, encodePortablePng(whiteOnBlack(object)));
        write(root, `parts/masks/${stem}.png`, encodePortablePng(partMask));
        lines["images.txt"].push(`${id} ${stem}.png`);
        lines["image_class_labels.txt"].push(`${id} ${label + 1}`);
        lines["train_test_split.txt"].push(`${id} ${split === "train" ? 1 : 0}`);
        const [x1, y1, x2, y2] = maskBox(object);
        lines["bounding_boxes.txt"].push(`${id} ${x1}.0 ${y1}.0 ${x2 - x1 + 1}.0 ${y2 - y1 + 1}.0`);
        partPoints(partMask).forEach((point, i) => {
          const [x, y] = point ?? [0, 0];
          lines["parts/part_locs.txt"].push(`${id} ${i + 1} ${x}.0 ${y}.0 ${point ? 1 : 0}`);
        });
        progress(id, total);
      }
    }
  }
  for (const [file, content] of Object.entries(lines)) write(root, file, content.join("\n") + "\n");
  write(root, SPECS_FILE, JSON.stringify(specs, null, 1) + "\n");
}

/** The specs of a data set written by `writeBirds`, by the ids in its files, which count from 1. */
export function readBirdSpecs(root: string): Map<number, BirdSpec> {
  const specs = JSON.parse(readFileSync(join(root, SPECS_FILE), "utf8")) as Record<string, BirdSpec>;
  return new Map(Object.entries(specs).map(([id, spec]) => [Number(id), spec]));
}

/**
 * For each part, the visible pixel nearest to the mean of its visible pixels (the first of several equally
 * near).
 */
function partPoints({ width, data }: Image): ((readonly [x: number, y: number]) | undefined)[] {
  const pixels: [number, number][][] = BIRD_PARTS.map(() => []);
  data.forEach((level, i) => {
    if (level > 0 && level <= pixels.length) pixels[level - 1].push([i % width, Math.floor(i / width)]);
  });
  return pixels.map((seen) => {
    if (seen.length === 0) return undefined;
    const meanX = seen.reduce((sum, [x]) => sum + x, 0) / seen.length;
    const meanY = seen.reduce((sum, [, y]) => sum + y, 0) / seen.length;
    const distance = ([x, y]: [number, number]) => (x - meanX) * (x - meanX) + (y - meanY) * (y - meanY);
    return seen.reduce((a, b) => distance(b) < distance(a) ? b : a);
  });
}

function whiteOnBlack(mask: Mask): Image {
  const { width, height, data } = imageOfMask(mask);
  return image(width, height, "GRAY", data.map((level) => level * 255));
}

function write(root: string, file: string, content: string | Uint8Array): void {
  writeFileSync(join(root, file), content);
}
