/** The prototypes by class: the training image that each came from, the view in it, and the pixels that make it. */

import {
  type ImageSaliency,
  readSaliency,
  readSaliencyIndex,
  type SaliencyIndex,
} from "../../explain/saliency_files.ts";
import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { figure, section } from "./figure.ts";
import { className, type Html, html } from "./html.ts";
import type { ViewPictures } from "./view_pictures.ts";

/** The record of a prototype, written by the kind `project`. */
export interface PrototypeSource {
  readonly prototype: number;
  readonly sample: number;
  readonly view: number;
  readonly distance: number;
}

/** The maps of prototypes in the views that they came from, each read when it is asked for: a study has thousands. */
export class PrototypeMaps {
  readonly #index: SaliencyIndex | undefined;

  /** @param folder a saliency folder that was made of the prototypes' sources; without one there are no maps */
  constructor(readonly folder: string | undefined) {
    this.#index = folder === undefined ? undefined : readSaliencyIndex(folder);
  }

  of({ prototype, sample }: PrototypeSource): Float32Array | undefined {
    const file = this.#index?.samples.find(({ id }) => id === sample)?.file;
    return file === undefined
      ? undefined
      : viewMapOf(readSaliency(this.folder!, file, this.#index!), prototype);
  }
}

/** The map of a prototype in the view that explains it; undefined where the image was not explained by it. */
export function viewMapOf(
  { prototypes, viewMaps }: Pick<ImageSaliency, "prototypes" | "viewMaps">,
  prototype: number,
): Float32Array | undefined {
  const place = prototypes.indexOf(prototype);
  if (!viewMaps || place < 0) return undefined;
  const [, height, width] = viewMaps.shape;
  return viewMaps.data.slice(place * height * width, (place + 1) * height * width);
}

export interface ShownPrototypes {
  readonly label: string;
  readonly sources: readonly PrototypeSource[];
  readonly maps: PrototypeMaps;
  readonly pictures: ViewPictures;
  readonly evaluation: Evaluation;
  /** At most so many are shown, spread evenly over all. */
  readonly limit: number;
}

export async function prototypesSection(shown: ShownPrototypes): Promise<Html> {
  const { label, sources, evaluation, limit } = shown;
  const count = Math.min(limit, sources.length);
  const chosen = Array.from({ length: count }, (_, i) => sources[Math.floor(i * sources.length / count)]);
  const views = new Set(sources.map(({ sample, view }) => `${sample} ${view}`)).size;
  const classes = new Map<number, Html[]>();
  for (const source of chosen) {
    const { label } = evaluation.prototypes[source.prototype];
    if (!classes.has(label)) classes.set(label, []);
    classes.get(label)!.push(await card(source, shown));
  }
  return section(
    "prototypes",
    "Prototypes",
    figure(
      html`<b>Prototypes</b> of the run ${label}${
        count < sources.length && `, ${count} of ${sources.length}`
      }: the training image with the view that became the prototype, and the view with the pixels that count, by prototype relevance propagation. The weight is that of the last layer to the prototype's class.${
        views < sources.length &&
        ` The ${sources.length} prototypes are ${views} different views: those that share a view are equal.`
      }`,
      html`${
        [...classes].map(([label, cards]) =>
          html`
            <h3>${className(evaluation.classes[label])}</h3>
            <div class="cards">${cards}</div>
          `
        )
      }`,
      [{ input: "prototypes", at: 0 }, { input: "prototypeSaliency", at: 0 }],
    ),
  );
}

async function card(
  source: PrototypeSource,
  { evaluation, maps, pictures }: ShownPrototypes,
): Promise<Html> {
  const { prototype, sample, view, distance } = source;
  const { weight, occurrences, isActive } = evaluation.prototypes[prototype];
  return html`
    <div class="card" id="p${prototype}">
      <div class="views">${await pictures.image(sample, view)}${await pictures
        .view(sample, view, maps.of(source))}</div>
      <p><b>${prototype}</b> ${isActive
        ? html`weight ${weight.toFixed(2)}`
        : "inactive"}<br><small title="${pictures.sample(sample)
        .name}">among the top of ${occurrences} images · moved by ${distance.toPrecision(2)}</small></p>
    </div>
  `;
}
