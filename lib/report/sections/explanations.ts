/** Figure 3 of the study: one test image of each data set, explained by all models. */

import { readDataSetIndex } from "../../data/data_set_index.ts";
import { readSaliency, readSaliencyIndex } from "../../explain/saliency_files.ts";
import { readPrototypes } from "../../models/projection/prototype_list.ts";
import { encodePng } from "../../vision/encode.ts";
import type { Image } from "../../vision/image.ts";
import { withViridis } from "../page/colour_maps.ts";
import { figure } from "../page/figure.ts";
import { figuresOfRuns } from "../page/evaluated_runs.ts";
import { className, type Html, html } from "../page/html.ts";
import {
  data,
  evaluations,
  prototypes,
  prototypeSaliency,
  saliency,
  testViews,
  trainViews,
} from "../page/inputs.ts";
import { montage } from "../page/montage.ts";
import { atMost, picture } from "../page/pictures.ts";
import { PrototypeMaps, viewMapOf } from "../page/prototype_maps.ts";
import type { ReportFiles, RowFiles } from "../page/report_files.ts";
import { defineSection, type SectionWithFiles } from "../page/section.ts";
import { ViewPictures } from "../page/view_pictures.ts";

const INPUTS = { data, evaluations, trainViews, testViews, prototypes, saliency } as const;
const EXTRAS = { prototypeSaliency };

type Name = (keyof typeof INPUTS | keyof typeof EXTRAS) & string;

/** The number of prototypes of each model. */
const PROTOTYPES = 5;

/** The longer side of pictures in the files and on the page. */
const FILE_SIDE = 224;
const PAGE_SIDE = 112;

/** An image of each data set, with the explanations of the first run of each row. */
export default defineSection({
  id: "explanations",
  name: "Explanations",
  pages: ["study"],
  inputs: INPUTS,
  extras: EXTRAS,
  async render(files, { titles }) {
    const byData = new Map<string, RowFiles<Name>[]>();
    for (const row of files.rows(titles)) {
      if (!Object.keys(INPUTS).every((name) => row.files.has(name))) continue;
      const { name } = row.files.content("data", readDataSetIndex);
      byData.set(name, [...byData.get(name) ?? [], row]);
    }
    const shown: SectionWithFiles[] = [];
    for (const [name, rows] of byData) {
      const found = await explainedByAll(name, rows, titles);
      if (found) shown.push(found);
    }
    if (shown.length === 0) return undefined;
    return {
      content: html`${shown.map(({ content }) => content)}`,
      files: Object.assign({}, ...shown.map(({ files }) => files)),
    };
  },
});

async function explainedByAll(
  name: string,
  rows: readonly RowFiles<Name>[],
  titles: Readonly<Record<string, string>>,
): Promise<SectionWithFiles | undefined> {
  const id = commonImage(rows.map(({ files }) => files));
  if (id === undefined) return undefined;
  const lines: { title: string; pairs: Pair[] }[] = [];
  for (const { row, files } of rows) lines.push({ title: titles[row!] ?? row!, pairs: pairsOf(files, id) });
  const { classes, samples } = rows[0].files.content("data", readDataSetIndex);
  const sample = samples.find((one) => one.id === id)!;
  const file = `figures/figure-3-${name}.png`;
  const shown: Html[] = [];
  for (const line of lines) shown.push(await shownLine(line));
  return {
    content: figure(
      html`
        <b>Explanations by all models</b> (Figure 3 of the paper). ${name}: ${sample.name} (${className(
          classes[sample.label],
        )}), explained by each model. In each pair, on the left what the model sees of the image, on the right the training image of the prototype, each with the relevant pixels in viridis; where a model has many prototypes, they are computed for some training images only. <a
          href="${file}">As a file</a>, with a line for each model.
      `,
      html`${shown}`,
      [{ input: "saliency" }],
    ),
    files: {
      [file]: await encodePng(
        montage(
          lines.map(({ pairs }) =>
            pairs.flatMap(({ here, there }) =>
              [here, there].flatMap((one) => one ? [atMost(one, FILE_SIDE)] : [])
            )
          ),
        ),
      ),
    },
  };
}

/** The first image that all rows explain, and if there is one, that all of them classify correctly. */
function commonImage(rows: readonly ReportFiles<Name>[]): number | undefined {
  const explained = rows.map((files) =>
    new Set(files.content("saliency", readSaliencyIndex).samples.map(({ id }) => id))
  );
  const common = [...explained[0]].filter((id) => explained.every((ids) => ids.has(id)));
  const correct = rows.map((files) => figuresOfRuns(files)[0].correct);
  return common.find((id) => correct.every((ids) => ids.has(id))) ?? common[0];
}

interface Pair {
  readonly similarity: number;
  readonly here: Image;
  /** Absent if no training image of the prototype is known. */
  readonly there?: Image;
}

/** The most similar prototypes of an image, by one model. */
function pairsOf(files: ReportFiles<Name>, id: number): Pair[] {
  const folder = files.required("saliency");
  const index = files.content("saliency", readSaliencyIndex);
  const found = readSaliency(folder, index.samples.find((sample) => sample.id === id)!.file, index);
  const sources = files.content("prototypes", readPrototypes);
  const maps = new PrototypeMaps(files.path("prototypeSaliency"));
  const pictures = new ViewPictures(files.required("data"), files.required("testViews"));
  const sourcePictures = new ViewPictures(files.required("data"), files.required("trainViews"));
  try {
    return found.prototypes.slice(0, PROTOTYPES).map((prototype, place) => {
      const source = sources.find((one) => one.prototype === prototype);
      return {
        similarity: found.similarities[place],
        here: coloured(pictures.pixels(id, found.views[place]), viewMapOf(found, prototype)),
        ...(source &&
          { there: coloured(sourcePictures.pixels(source.sample, source.view), maps.of(source)) }),
      };
    });
  } finally {
    pictures.close();
    sourcePictures.close();
  }
}

function coloured(view: Image, map: Float32Array | undefined): Image {
  return map ? withViridis(view, map) : view;
}

async function shownLine({ title, pairs }: { title: string; pairs: readonly Pair[] }): Promise<Html> {
  const cards: Html[] = [];
  for (const { similarity, here, there } of pairs) {
    const left = await picture(atMost(here, PAGE_SIDE), `the image, explained by ${title}`);
    const right = there && await picture(atMost(there, PAGE_SIDE), "the prototype");
    cards.push(
      html`
        <div class="card">
          <div class="views">${left}${right}</div>
          <p><b>${similarity.toFixed(2)}</b></p>
        </div>
      `,
    );
  }
  return html`
    <div class="row">
      <div class="whole">
        <p>${title}</p>
      </div>
      <div class="cards">${cards}</div>
    </div>
  `;
}
