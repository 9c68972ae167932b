/** Test images with what made the model choose their class: this looks like that, therefore it is one of those. */

import { readSaliency, readSaliencyIndex, type SaliencyIndex } from "../../explain/saliency_files.ts";
import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { type ProjectedPrototype, readPrototypes } from "../../models/projection/prototype_list.ts";
import { chosenSamples, type DecidedSample, gridOf } from "../page/chosen_samples.ts";
import { decisionsCsv } from "../tables/decisions_csv.ts";
import { decisionTable } from "../page/decision_table.ts";
import { evaluatedRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
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
import { bestPlaces, classOfPrototype } from "../page/prototype_facts.ts";
import { PrototypeMaps, viewMapOf } from "../page/prototype_maps.ts";
import { defineSection } from "../page/section.ts";
import { ViewPictures } from "../page/view_pictures.ts";

const FILE = "values/decisions.csv";

/** Test images of the first run; the decisions of all runs are in a file. */
export default defineSection({
  id: "images",
  name: "This looks like that",
  inputs: {
    data,
    evaluations,
    trainViews,
    testViews,
    prototypes,
  },
  extras: { saliency, prototypeSaliency },
  async render(files, { images: limit }) {
    const runs = evaluatedRuns(files);
    const [{ label, evaluation }] = runs;
    const samples = chosenSamples(evaluation, limit);
    if (samples.length === 0) return undefined;
    const folder = files.required("data");
    const pictures = new ViewPictures(folder, files.required("testViews"));
    const sourcePictures = new ViewPictures(folder, files.required("trainViews"));
    try {
      const content = await imagesFigure(samples, {
        label,
        evaluation,
        pictures,
        sourcePictures,
        saliency: files.path("saliency"),
        sources: bestPlaces(files.content("prototypes", readPrototypes)),
        maps: new PrototypeMaps(files.path("prototypeSaliency")),
        grid: gridOf(evaluation),
      });
      return { content, files: { [FILE]: decisionsCsv(runs) } };
    } finally {
      pictures.close();
      sourcePictures.close();
    }
  },
});

interface ShownImages {
  readonly label: string;
  readonly evaluation: Evaluation;
  /** Pictures of the test views. */
  readonly pictures: ViewPictures;
  /** The folder of the test images' saliency. */
  readonly saliency: string | undefined;
  readonly sources: readonly ProjectedPrototype[];
  readonly maps: PrototypeMaps;
  /** Pictures of the training views. */
  readonly sourcePictures: ViewPictures;
  /** The size of the feature map, for models that compare positions. */
  readonly grid: readonly [number, number] | undefined;
}

async function imagesFigure(samples: readonly DecidedSample[], shown: ShownImages): Promise<Html> {
  const { evaluation, label, saliency, grid } = shown;
  const index = saliency === undefined ? undefined : readSaliencyIndex(saliency);
  const rows: Html[] = [];
  for (const sample of samples) rows.push(await imageRow(sample, shown, index));
  const sharesPrototypes = evaluation.prototypes.some((prototype) => prototype.label === undefined);
  return figure(
    html`
      <b>Decisions</b> about ${samples.length} of the ${evaluation.samples
        .length} test images of the run ${label}, the largest mistakes first. A wrong prediction is compared with the image’s own class, a right one with the runner-up. Each prototype adds its similarity to the image times its weight for a class to the logit of the class; those are listed that set the two logits apart most, and the rest takes up the rounding. Framed: the ${grid
        ? "position of the feature map"
        : "view of the image"} that is most similar to the prototype, and the one that the prototype stands for.${sharesPrototypes &&
        " Classes share the prototypes: a weight is the sum over all slots, or connections, of the class; where a model subtracts the similarity of the mean distance, the similarity is what remains."} <a
        href="${FILE}">The decisions about all images of all runs</a>.
    `,
    html`${rows}`,
    [{ input: "evaluations", at: 0 }, { input: "saliency", at: 0 }],
  );
}

async function imageRow(
  sample: DecidedSample,
  shown: ShownImages,
  index: SaliencyIndex | undefined,
): Promise<Html> {
  const { evaluation, pictures, saliency } = shown;
  const { decision, isCorrect } = sample;
  const file = index?.samples.find(({ id }) => id === sample.id)?.file;
  const explained = file === undefined ? undefined : readSaliency(saliency!, file, index!);
  const cells: Html[] = [];
  for (const line of decision.prototypes) {
    cells.push(
      await pairCells(sample, line, explained && viewMapOf(explained, line.prototype), shown),
    );
  }
  const nameOf = (label: number) => className(evaluation.classes[label]);
  const classes = [nameOf(sample.classes[0].label), nameOf(decision.against)] as const;
  const count = evaluation.prototypes.length;
  const verdict = isCorrect ? `correct; the runner-up is ${classes[1]}` : `but it is ${classes[1]}`;
  const caption = `Why ${sample.name} was classified as ${classes[0]} and not as ${classes[1]}`;
  return html`
    <div class="row" id="decision-${sample.id}">
      <div class="whole">${await pictures.image(
        sample.id,
      )}<p>classified as <b>${classes[0]}</b><br><small class="${isCorrect
        ? "right"
        : "wrong"}">${verdict}</small></p></div>
      ${decisionTable(decision, { classes, count, shown: cells }, caption)}
    </div>
  `;
}

/** The cells of a line that show where the image is like the prototype, and what the prototype stands for. */
async function pairCells(
  sample: DecidedSample,
  { prototype, view, cell }: DecidedSample["decision"]["prototypes"][number],
  map: Float32Array | undefined,
  { evaluation, pictures, sources, sourcePictures, maps, grid }: ShownImages,
): Promise<Html> {
  const source = sources.find((one) => one.prototype === prototype);
  const owner = classOfPrototype(evaluation, prototype);
  const here = html`${await pictures.image(sample.id, view, cell)}${
    (map ?? !cell) && await pictures.view(sample.id, view, map)
  }`;
  const there = source && html`${await sourcePictures.image(
    source.sample,
    source.view,
    source.position && grid && [...source.position, ...grid],
  )}${await sourcePictures.view(source.sample, source.view, maps.of(source))}`;
  const name = html`prototype ${prototype}${owner !== undefined && ` of ${owner}`}`;
  return html`
    <td>
      <div class="views">${here}</div>
    </td>
    <th scope="row"><div class="views">${there}</div>${source
      ? html`<a href="#p${prototype}">${name}</a>`
      : name}</th>
  `;
}
