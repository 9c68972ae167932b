/** The report of some runs of one workflow as a single page that needs nothing else. */

import { readDataSetIndex } from "../../data/data_set_index.ts";
import { variantsOf } from "../tables/variants.ts";
import { format2 } from "../tables/number_text.ts";
import { runStatistics } from "../tables/statistics.ts";
import { comparisonSection } from "./comparison_section.ts";
import { curvesSection, type LabelledLog } from "./curves_section.ts";
import { Html, html } from "./html.ts";
import { imagesSection } from "./images_section.ts";
import { type LabelledStatistics, masksSection } from "./masks_section.ts";
import { PrototypeMaps, type PrototypeSource, prototypesSection } from "./prototypes_section.ts";
import { removalSection } from "./removal_section.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { type LabelledEvaluation, tablesSection } from "./tables_section.ts";
import { ViewPictures } from "./view_pictures.ts";

/** A JSON value in the page that a run replaces by its facts, as JSON. Texts in the page have no quotes: they are escaped. */
export const RUN_FACTS_PLACEHOLDER = '"the facts of the run"';

/** The first run, of which prototypes and images are shown; paths are folders. */
export interface ShownRun {
  readonly trainViews: string;
  readonly testViews: string;
  readonly sources: readonly PrototypeSource[];
  readonly prototypeSaliency?: string;
  readonly saliency?: string;
}

export interface ReportContent {
  readonly title: string;
  /** The model and the data set. */
  readonly row: string;
  /** A data set's folder. */
  readonly data: string;
  /** At least one; the first belongs to the shown run. */
  readonly evaluations: readonly LabelledEvaluation[];
  /** The axes to average over; each combination of the other axes is a variant. */
  readonly average: readonly string[];
  readonly logs: readonly LabelledLog[];
  readonly maskStatistics: readonly LabelledStatistics[];
  /** Without it, no prototypes and no images are shown. */
  readonly shown?: ShownRun;
  /** At most so many are shown. */
  readonly prototypes: number;
  readonly images: number;
}

interface PageSection {
  readonly id: string;
  /** The text of the link to it. */
  readonly name: string;
  readonly content: Html;
}

/** The HTML of the report, complete in one file. */
export async function reportPage(content: ReportContent): Promise<string> {
  const { title, row, evaluations, average, logs, maskStatistics } = content;
  const variants = variantsOf(evaluations, average);
  const removal = removalSection(evaluations);
  const isComparison = variants.variants.length > 1;
  const sections: PageSection[] = [
    isComparison
      ? { id: "tables", name: "Variants", content: comparisonSection(variants) }
      : { id: "tables", name: "Tables", content: tablesSection(evaluations, row) },
    ...(logs.length > 0 ? [{ id: "curves", name: "Training", content: curvesSection(logs) }] : []),
    ...(maskStatistics.length > 0
      ? [{ id: "masks", name: "Masks", content: masksSection(maskStatistics) }]
      : []),
    ...(content.shown ? await pictureSections(content, content.shown) : []),
    ...(removal ? [{ id: "removal", name: "Removed parts", content: removal }] : []),
  ];
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <title>${title}</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        <header>
          <div><h1>${title}</h1>${headline(content, isComparison)}</div>
        </header>
        <nav aria-label="sections">
          <div><a href="#pipeline-section">Pipeline</a>${sections.map(({ id, name }) =>
            html`<a href="#${id}">${name}</a>`
          )}</div>
        </nav>
        <main><section id="pipeline-section"><h2>Pipeline</h2><figure id="pipeline"><p class="none">The copy of this page in the folder results of the store shows the pipeline of its run.</p></figure></section>
    ${sections.map(({ content }) => content)}
    <footer>All outputs are cached under a hash of everything that produced them; the same command reproduces this page.</footer></main>
        <script type="application/json" id="run">${new Html(RUN_FACTS_PLACEHOLDER)}</script>
        <script>${new Html(SCRIPT)}</script>
      </body>
    </html>
  `.text;
}

/** The prototypes of a run, and the images in which they are found. */
async function pictureSections(
  { evaluations, prototypes, images, data }: ReportContent,
  { trainViews, testViews, sources, prototypeSaliency, saliency }: ShownRun,
): Promise<PageSection[]> {
  const [{ label, evaluation }] = evaluations;
  const training = new ViewPictures(data, trainViews);
  const testing = new ViewPictures(data, testViews);
  try {
    const pictured = { label, evaluation, sources, maps: new PrototypeMaps(prototypeSaliency) };
    return [
      {
        id: "prototypes",
        name: "Prototypes",
        content: await prototypesSection({ ...pictured, pictures: training, limit: prototypes }),
      },
      {
        id: "images",
        name: "This looks like that",
        content: await imagesSection({
          ...pictured,
          pictures: testing,
          sourcePictures: training,
          saliency,
          limit: images,
        }),
      },
    ];
  } finally {
    training.close();
    testing.close();
  }
}

function headline({ evaluations, data, shown, row }: ReportContent, isComparison: boolean): Html {
  const { classes, samples } = readDataSetIndex(data);
  const train = samples.filter(({ split }) => split === "train").length;
  const results = evaluations.map(({ evaluation }) => evaluation.results);
  const figureOf = (column: string) => {
    if (isComparison || !results.every((one) => Number.isFinite(one[column]))) return undefined;
    const { rows } = runStatistics(results.map((one) => ({ [column]: one[column] })));
    return html`
      <div>
        <dt>${column}</dt>
        <dd>${format2(rows.mean[0])}<small>± ${format2(rows.std[0])}</small></dd>
      </div>
    `;
  };
  const fact = (name: string, value: string | number, more: string) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}<small>${more}</small></dd>
      </div>
    `;
  return html`
    <p>${row}: ${classes.length} classes, ${train} images to learn from and ${samples.length -
      train} to be tested on, ${evaluations.length} ${evaluations.length === 1 ? "run" : "runs"}.</p>
    <dl class="facts">${["Accuracy", "top-3 Accuracy", "F1 score", "Object Overlap"].map(figureOf)}${fact(
      "Classes",
      classes.length,
      `${samples.length} images`,
    )}${shown && fact("Prototypes", shown.sources.length, "of one run")}</dl>
  `;
}
