/** Test images with the prototypes that they are most similar to: this looks like that. */

import { readSaliency, readSaliencyIndex, type SaliencyIndex } from "../../explain/saliency_files.ts";
import type { EvaluatedSample, Evaluation } from "../../evaluate/evaluation_file.ts";
import { type ProjectedPrototype, readPrototypes } from "../../models/projection/prototype_list.ts";
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
import { classOfPrototype } from "../page/prototype_facts.ts";
import { PrototypeMaps, viewMapOf } from "../page/prototype_maps.ts";
import { defineSection } from "../page/section.ts";
import { ViewPictures } from "../page/view_pictures.ts";

/** Test images of the first run with their most similar prototypes. */
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
    const [run] = evaluatedRuns(files);
    const folder = files.required("data");
    const pictures = new ViewPictures(folder, files.required("testViews"));
    const sourcePictures = new ViewPictures(folder, files.required("trainViews"));
    try {
      return await imagesFigure({
        ...run,
        pictures,
        sourcePictures,
        saliency: files.path("saliency"),
        sources: files.content("prototypes", readPrototypes),
        maps: new PrototypeMaps(files.path("prototypeSaliency")),
        limit,
      });
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
  /** The maximum number of images. */
  readonly limit: number;
}

async function imagesFigure(shown: ShownImages): Promise<Html> {
  const { evaluation, label, saliency, limit } = shown;
  const index = saliency === undefined ? undefined : readSaliencyIndex(saliency);
  const rows: Html[] = [];
  for (const sample of chosenSamples(evaluation.samples, limit)) {
    rows.push(await imageRow(sample, shown, index));
  }
  const images = figure(
    html`<b>Test images</b> of the run ${label}, misclassified ones among them, each with the prototypes that it is most similar to: on the left the view of the image that resembles the prototype, on the right the view that the prototype comes from.`,
    html`${rows}`,
    [{ input: "evaluations", at: 0 }, { input: "saliency", at: 0 }],
  );
  return html`${images}${allSamples(evaluation)}`;
}

/** Misclassified images, up to a quarter of the limit; then an image of each class, then others; in the order of the set. */
function chosenSamples(samples: readonly EvaluatedSample[], limit: number): EvaluatedSample[] {
  const mistakes = samples.filter(({ isCorrect }) => !isCorrect).slice(0, Math.floor(limit / 4));
  const right = samples.filter(({ isCorrect }) => isCorrect);
  const seen = new Set<number>();
  const firsts = right.filter(({ label }) => !seen.has(label) && seen.add(label));
  const rest = right.filter((sample) => !firsts.includes(sample));
  const chosen = new Set([...mistakes, ...[...firsts, ...rest].slice(0, limit - mistakes.length)]);
  return samples.filter((sample) => chosen.has(sample));
}

async function imageRow(
  sample: EvaluatedSample,
  shown: ShownImages,
  index: SaliencyIndex | undefined,
): Promise<Html> {
  const { evaluation, pictures, sources, maps, sourcePictures, saliency } = shown;
  const file = index?.samples.find(({ id }) => id === sample.id)?.file;
  const explained = file === undefined ? undefined : readSaliency(saliency!, file, index!);
  const pairs: Html[] = [];
  for (const { prototype, similarity, view } of sample.top) {
    const source = sources.find((one) => one.prototype === prototype);
    const { weight } = evaluation.prototypes[prototype];
    const owner = classOfPrototype(evaluation, prototype);
    const here = await pictures.view(sample.id, view, explained && viewMapOf(explained, prototype));
    const there = source && await sourcePictures.view(source.sample, source.view, maps.of(source));
    pairs.push(
      html`
        <div class="card">
          <div class="views">${here}<span class="like">≈</span>${there}</div>
          <p><b>${similarity.toFixed(2)}</b> × ${weight.toFixed(
            2,
          )}<br><small>prototype ${prototype}${owner !== undefined && ` of ${owner}`}</small></p>
        </div>
      `,
    );
  }
  const [first] = sample.classes;
  const name = className(evaluation.classes[sample.label]);
  const verdict = sample.isCorrect ? "right" : "wrong";
  return html`
    <div class="row">
      <div class="whole">${await pictures.image(
        sample.id,
      )}<p>${name}<br><small class="${verdict}">${sample.isCorrect
        ? "correct"
        : `classified as ${className(evaluation.classes[first.label])}`}</small></p></div>
      <div class="cards">${pairs}</div>
    </div>
  `;
}

/** The maximum number of images in the list of all. */
const LISTED = 400;

function allSamples({ samples, classes }: Evaluation): Html {
  const wrongFirst = [...samples].sort((a, b) => Number(a.isCorrect) - Number(b.isCorrect));
  const shown = wrongFirst.slice(0, LISTED);
  const right = samples.filter(({ isCorrect }) => isCorrect).length;
  return html`
    <details
      class="all"><summary>The ${samples
        .length} test images: ${right} classified correctly</summary><div class="scroll"><table><thead><tr><th>image</th><th>class</th><th>predicted</th><th>logit</th></tr></thead><tbody>${shown
        .map(({ name, label, isCorrect, classes: [first] }) =>
          html`
            <tr class="${isCorrect ? "" : "wrong"}">
              <th>${name}</th>
              <td>${className(classes[label])}</td>
              <td>${className(classes[first.label])}</td>
              <td>${first.logit.toFixed(2)}</td>
            </tr>
          `
        )}</tbody></table></div>${samples.length > LISTED &&
        html`<p>and ${samples.length - LISTED} more</p>`}</details>
  `;
}
