/** Figure 4 of the study: (a) the masks laid over photographs, (b) the views behind prototypes in their photographs. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataSetIndex, type IndexedSample, readDataSetIndex } from "../../data/data_set_index.ts";
import { readPrototypes } from "../../models/projection/prototype_list.ts";
import { maskSetFile, parseMaskSet } from "../../segment/mask_set.ts";
import { decodeOverWhite } from "../../vision/decode.ts";
import { encodePng } from "../../vision/encode.ts";
import { type Image, image } from "../../vision/image.ts";
import { decodeRunLengths } from "../../vision/masks/rle.ts";
import { TAB10 } from "../page/colour_maps.ts";
import { figure } from "../page/figure.ts";
import { className, type Html, html } from "../page/html.ts";
import { data, prototypes, trainViews } from "../page/inputs.ts";
import { montage } from "../page/montage.ts";
import { atMost, framed, picture } from "../page/pictures.ts";
import type { ReportFiles } from "../page/report_files.ts";
import { defineSection, type SectionWithFiles } from "../page/section.ts";
import { ViewPictures } from "../page/view_pictures.ts";

const INPUTS = {
  data,
  masks: { about: "the masks of the images, shown over some of them", many: true, optional: true },
} as const;
const EXTRAS = { trainViews, prototypes };

type Files = ReportFiles<(keyof typeof INPUTS | keyof typeof EXTRAS) & string>;

/** For each data set and method of segmentation. */
export default defineSection({
  id: "segmentations",
  name: "Segmentations",
  pages: ["row", "study"],
  inputs: INPUTS,
  extras: EXTRAS,
  async render(files, { titles, model }) {
    const shown: SectionWithFiles[] = [];
    for (const { row, files: own } of files.rows(titles)) {
      if (!own.has("masks")) continue;
      const { name } = own.content("data", readDataSetIndex);
      const title = `${row === undefined ? model : titles[row] ?? row}, ${name}`;
      const end = row === undefined ? "" : `-${row}`;
      shown.push(await masksOverPhotographs(own, title, `figures/figure-4a${end}.png`));
      if (!own.has("prototypes") || !own.has("trainViews")) continue;
      shown.push(await viewsOfPrototypes(own, title, `figures/figure-4b${end}.png`));
    }
    if (shown.length === 0) return undefined;
    return {
      content: html`${shown.map(({ content }) => content)}`,
      files: Object.assign({}, ...shown.map(({ files }) => files)),
    };
  },
});

/** The number of photographs in (a), of prototypes in a row of (b) and in (b). */
const PHOTOGRAPHS = 5;
const ACROSS = 5;
const PROTOTYPES = 10;

/** The longer side of pictures in the files and on the page. */
const FILE_SIDE = 320;
const PAGE_SIDE = 176;

/** The weight of a mask's colour over the photograph. */
const OVERLAY = 0.7;

async function masksOverPhotographs(files: Files, title: string, file: string): Promise<SectionWithFiles> {
  const index = files.content("data", readDataSetIndex);
  const overlaid: { name: string; picture: Image }[] = [];
  for (const sample of chosenPhotographs(index)) {
    const photograph = await decodeOverWhite(join(files.required("data"), sample.image));
    overlaid.push({ name: sample.name, picture: withMasks(photograph, files.required("masks"), sample) });
  }
  return await pictureFigure(
    html`<b>Masks over photographs</b> (Figure 4a of the paper). ${title}: the masks over test images, the smaller over the larger.`,
    overlaid,
    file,
    [{ input: "masks" }],
  );
}

/** A test image of each class, or of some of them, evenly spread. */
function chosenPhotographs({ classes, samples }: DataSetIndex): IndexedSample[] {
  const firsts = classes.flatMap((_, label) =>
    samples.find((sample) => sample.split === "test" && sample.label === label) ?? []
  );
  const count = Math.min(PHOTOGRAPHS, firsts.length);
  return Array.from({ length: count }, (_, i) => firsts[Math.floor(i * firsts.length / count)]);
}

/** The masks in their order, so that later ones cover earlier ones. */
function withMasks(photograph: Image, folder: string, sample: IndexedSample): Image {
  const name = maskSetFile(sample);
  const { masks } = parseMaskSet(readFileSync(join(folder, name), "utf8"), name);
  const colours = new Int16Array(photograph.width * photograph.height).fill(-1);
  masks.forEach(({ runs }, i) => {
    decodeRunLengths(runs).data.forEach((inside, at) => {
      if (inside) colours[at] = i % TAB10.length;
    });
  });
  const pixels = photograph.data.slice();
  colours.forEach((colour, at) => {
    if (colour < 0) return;
    TAB10[colour].forEach((value, c) => {
      pixels[3 * at + c] = Math.round(OVERLAY * value + (1 - OVERLAY) * pixels[3 * at + c]);
    });
  });
  return image(photograph.width, photograph.height, "RGB", pixels);
}

async function viewsOfPrototypes(files: Files, title: string, file: string): Promise<SectionWithFiles> {
  const pictures = new ViewPictures(files.required("data"), files.required("trainViews"));
  try {
    const sources = files.content("prototypes", readPrototypes);
    const labelOf = (id: number) => pictures.sample(id).label;
    const label = sources.reduce((least, { sample }) => Math.min(least, labelOf(sample)), Infinity);
    const chosen = sources.filter(({ sample }) => labelOf(sample) === label).slice(0, PROTOTYPES);
    const shown: { name: string; picture: Image }[] = [];
    for (const { prototype, sample, view } of chosen) {
      const photograph = await pictures.photograph(sample, FILE_SIDE);
      const name = `prototype ${prototype}: view ${view} of ${pictures.sample(sample).name}`;
      shown.push({ name, picture: framed(photograph, pictures.frame(sample, view)) });
    }
    return await pictureFigure(
      html`<b>Views behind prototypes</b> (Figure 4b of the paper). ${title}: where the views behind prototypes of ${
        className(pictures.index.classes[label] ?? "no class")
      } are in their photographs.`,
      shown,
      file,
      [{ input: "prototypes" }],
    );
  } finally {
    pictures.close();
  }
}

async function pictureFigure(
  caption: Html,
  shown: readonly { readonly name: string; readonly picture: Image }[],
  file: string,
  origins: Parameters<typeof figure>[2],
): Promise<SectionWithFiles> {
  const cells: Html[] = [];
  for (const { name, picture: shownPicture } of shown) {
    cells.push(await picture(atMost(shownPicture, PAGE_SIDE), name));
  }
  const lines = Array.from(
    { length: Math.ceil(shown.length / ACROSS) },
    (_, i) => shown.slice(i * ACROSS, (i + 1) * ACROSS).map(({ picture }) => atMost(picture, FILE_SIDE)),
  );
  return {
    content: figure(
      html`${caption} <a href="${file}">As a file</a>.`,
      html`<div class="cards">${cells.map((cell) => html`<div class="card">${cell}</div>`)}</div>`,
      origins,
    ),
    files: { [file]: await encodePng(montage(lines)) },
  };
}
