/** Test images with the prototypes that they are most similar to: this looks like that. */

import { readSaliency, readSaliencyIndex, type SaliencyIndex } from "../../explain/saliency_files.ts";
import type { EvaluatedSample, Evaluation } from "../../evaluate/evaluation_file.ts";
import { figure, section } from "./figure.ts";
import { className, type Html, html } from "./html.ts";
import { type PrototypeMaps, type PrototypeSource, viewMapOf } from "./prototypes_section.ts";
import type { ViewPictures } from "./view_pictures.ts";

export interface ShownImages {
  readonly label: string;
  readonly evaluation: Evaluation;
  /** Pictures of the test views. */
  readonly pictures: ViewPictures;
  /** A folder of the test images' saliency. */
  readonly saliency: string | undefined;
  readonly sources: readonly PrototypeSource[];
  readonly maps: PrototypeMaps;
  /** Pictures of the training views. */
  readonly sourcePictures: ViewPictures;
  /** At most so many images are shown. */
  readonly limit: number;
}

export async function imagesSection(shown: ShownImages): Promise<Html> {
  const { evaluation, label, saliency, limit } = shown;
  const index = saliency === undefined ? undefined : readSaliencyIndex(saliency);
  const rows: Html[] = [];
  for (const sample of chosenSamples(evaluation.samples, limit)) {
    rows.push(await imageRow(sample, shown, index));
  }
  return section(
    "images",
    "This looks like that",
    figure(
      html`<b>Test images</b> of the run ${label}, mistakes among them: below each image its five most similar prototypes; left what of the image looks like the prototype, right the view that the prototype is.`,
      html`${rows}`,
      [{ input: "evaluations", at: 0 }, { input: "saliency", at: 0 }],
    ),
    allSamples(evaluation),
  );
}

/** Up to a quarter mistakes, and else one of every class as long as there are, in the order of the set. */
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
    const { label, weight } = evaluation.prototypes[prototype];
    const here = await pictures.view(sample.id, view, explained && viewMapOf(explained, prototype));
    const there = source && await sourcePictures.view(source.sample, source.view, maps.of(source));
    pairs.push(
      html`
        <div class="card">
          <div class="views">${here}<span class="like">≈</span>${there}</div>
          <p><b>${similarity.toFixed(2)}</b> × ${weight.toFixed(
            2,
          )}<br><small>prototype ${prototype} of ${className(evaluation.classes[label])}</small></p>
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
        ? "recognised"
        : `taken for ${className(evaluation.classes[first.label])}`}</small></p></div>
      <div class="cards">${pairs}</div>
    </div>
  `;
}

/** Images listed behind the tables. */
const LISTED = 400;

function allSamples({ samples, classes }: Evaluation): Html {
  const wrongFirst = [...samples].sort((a, b) => Number(a.isCorrect) - Number(b.isCorrect));
  const shown = wrongFirst.slice(0, LISTED);
  const right = samples.filter(({ isCorrect }) => isCorrect).length;
  return html`
    <details
      class="all"><summary>The ${samples
        .length} images behind the accuracy: ${right} recognised</summary><div class="scroll"><table><thead><tr><th>image</th><th>class</th><th>taken for</th><th>logit</th></tr></thead><tbody>${shown
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
