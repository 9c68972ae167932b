/** The kind `crop-views`: the network input of every image of a split, a file an image and one index. */
import { FIDELITIES } from "../lib/fidelity.ts";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { sampleFileName } from "../lib/data/data_set.ts";
import { type IndexedSample, readDataSetIndex } from "../lib/data/data_set_index.ts";
import { contactSheet } from "../lib/data/views/contact_sheet.ts";
import { readImageRows, writeImageViews } from "../lib/data/views/image_views.ts";
import {
  IMAGES_FOLDER,
  readViewsIndex,
  type ViewedSample,
  ViewPixels,
  writeViewsIndex,
} from "../lib/data/views/views_file.ts";
import { defineTask, type TaskContext } from "../lib/flow/kind.ts";
import { balancedViews } from "../lib/segment/balanced_views.ts";
import { maskSetFile, parseMaskSet } from "../lib/segment/mask_set.ts";
import { viewOfObject, viewsThroughMasks } from "../lib/segment/sample_views.ts";
import { decodeOverWhite } from "../lib/vision/decode.ts";
import { encodePortablePng } from "../lib/vision/portable_png.ts";
import { nativeLibraries } from "./permissions.ts";

const params = z.strictObject({
  split: z.enum(["train", "test"]),
  /** The views of an image: one per mask, or a single view of the object's box or of the whole image. */
  through: z.enum(["masks", "object", "image"]).default("masks"),
  /**
   * The number of views per image; images with fewer masks repeat them. Required with `through: "masks"`,
   * otherwise not allowed.
   */
  numMasks: z.int().positive().optional(),
  /** The size of the views, in pixels. */
  width: z.int().positive().default(224),
  height: z.int().positive().default(224),
  /** The background outside the mask. */
  fill: z.enum(["original", "zero", "mean"]).default("original"),
  /** Mask boxes that cover a smaller fraction of the image are enlarged. */
  minBoxShare: z.number().min(0).max(1).default(0),
  /**
   * Whether a view is cropped to its mask's box; otherwise it shows the whole image with its background
   * filled.
   */
  crop: z.boolean().default(true),
  /**
   * What is done with an image in which no mask was found: `fail` (the default) ends the task with its name, `leave-out`
   * logs its name, and the views have one image less.
   */
  withoutMasks: z.enum(["fail", "leave-out"]).optional(),
  /** `reference` loses the last row and column of every box. */
  fidelity: z.enum(FIDELITIES).default("reference"),
}).refine(({ through, numMasks }) => (through === "masks") === (numMasks !== undefined), {
  path: ["numMasks"],
  message: 'expected a number if through is "masks", and no value otherwise',
});

type Params = z.output<typeof params>;

/** What an item is given of the data set's index. */
type ItemFacts = Pick<IndexedSample, "name"> & Partial<Pick<IndexedSample, "box">>;

function samplesByItem({ params, input }: TaskContext<Params>): Map<string, IndexedSample> {
  const samples = readDataSetIndex(input("data")).samples.filter(({ split }) => split === params.split);
  if (samples.length === 0) {
    throw new Error(
      `the data set has no image in the split ${params.split}: use another data set, or remove the task for this split`,
    );
  }
  if (params.through === "object" && samples.some(({ box }) => box === undefined)) {
    throw new Error(
      'the data set has no boxes of objects, to which through: "object" crops: take whole images, through: "image"',
    );
  }
  return new Map(samples.map((sample) => [sampleFileName(sample), sample]));
}

export default defineTask({
  name: "crop-views",
  about: "crop and resize the views of every image of a split",
  params,
  inputs: ({ through }) => ({
    data: { about: "a data set" },
    ...(through === "masks" ? { masks: { about: "a folder of mask sets, one file per image" } } : {}),
  }),
  outputs: ["views"],
  permissions: nativeLibraries,
  items: {
    folders: { views: IMAGES_FOLDER },
    list(context) {
      return [...samplesByItem(context)].map(([id, sample]) => ({
        id,
        files: {
          data: [sample.image],
          ...(context.params.through === "masks" && { masks: [maskSetFile(sample)] }),
        },
        facts: {
          name: sample.name,
          ...(sample.box && context.params.through === "object" && { box: sample.box }),
        },
      }));
    },
    async runItem({ params, input, output, log }, { files, facts }) {
      const { name, box } = facts as ItemFacts;
      const source = await decodeOverWhite(join(input("data"), files.data[0]));
      const views = params.through === "masks"
        ? viewsThroughMasks(
          source,
          readMasks(join(input("masks"), files.masks[0]), name, params),
          params.numMasks!,
          params,
        )
        : [viewOfObject(source, box, params)];
      if (views.length === 0) log(`warning: ${name} is left out, as it has no mask`);
      const bytes = 3 * params.width * params.height;
      const pixels = new Uint8Array(views.length * bytes);
      views.forEach(({ view }, i) => pixels.set(view.data, i * bytes));
      const { width, height } = source;
      writeImageViews(output("views"), pixels, { width, height, rows: views.map(({ row }) => row) });
      log(`cut ${views.length} views of ${name}`);
    },
    collect(context, results) {
      const { params, input, output } = context;
      const { classes, classWeights } = readDataSetIndex(input("data"));
      const { split, width, height } = params;
      const all = [...samplesByItem(context)].map(([id, sample]) => {
        const path = results.path(id, "views");
        return { sample, path, viewed: readImageRows(path) };
      });
      const items = all.filter(({ viewed }) => viewed.rows.length > 0);
      if (items.length === 0) {
        throw new Error(
          `no image of the split ${split} has a mask; change the parameters of the segmentation`,
        );
      }
      if (items.length < all.length) {
        const names = all.filter(({ viewed }) => viewed.rows.length === 0).map(({ sample }) => sample.name);
        context.log(`warning: ${names.length} images without masks are left out: ${names.join(", ")}`);
      }
      const viewsPerImage = params.numMasks ?? 1;
      const views = balancedViews(items.map(({ viewed }) => viewed.rows.length), viewsPerImage);
      const samples = items.map(({ sample: { id, name, label }, viewed }, i): ViewedSample => ({
        id,
        name,
        label,
        ...viewed,
        views: views[i],
      }));
      const folder = output("views");
      Deno.mkdirSync(folder);
      writeViewsIndex(folder, { split, width, height, viewsPerImage, classes, classWeights, samples });
      const pixels = new ViewPixels(dirname(items[0].path), params);
      const sheet = contactSheet(readViewsIndex(folder), pixels);
      pixels.close();
      Deno.writeFileSync(join(folder, "sheet.png"), encodePortablePng(sheet));
    },
  },
});

function readMasks(path: string, image: string, { withoutMasks }: Params) {
  const file = basename(path);
  const set = parseMaskSet(readFileSync(path, "utf8"), file);
  if (set.image !== image) {
    throw new Error(`${file} must hold the masks of ${image}, but holds those of ${set.image}`);
  }
  if (set.masks.length === 0 && withoutMasks !== "leave-out") {
    throw new Error(
      `${image} has no mask; every image needs at least one: change the parameters of the segmentation, or set ` +
        `withoutMasks: "leave-out" to go on without such images`,
    );
  }
  return set;
}
