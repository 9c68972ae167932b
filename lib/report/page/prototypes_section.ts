/** The prototypes by class: the training image that each came from, the view in it, and the pixels that make it. */

import { readSaliency, readSaliencyIndex } from "../../explain/saliency_files.ts";
import type { Evaluation } from "../evaluation/evaluation_file.ts";
import { figure, section } from "./figure.ts";
import { type Html, html } from "./html.ts";
import type { ViewPictures } from "./view_pictures.ts";

/** What the kind `project` says of a prototype. */
export interface PrototypeSource {
  readonly prototype: number;
  readonly sample: number;
  readonly view: number;
  readonly distance: number;
}

/** The maps of prototypes in the views that they came from. */
export class PrototypeMaps {
  readonly #maps = new Map<number, Float32Array>();

  /** @param folder a saliency folder that was made of the prototypes' sources; without one there are no maps */
  constructor(folder: string | undefined) {
    if (folder === undefined) return;
    const index = readSaliencyIndex(folder);
    for (const { file } of index.samples) {
      const { prototypes, viewMaps } = readSaliency(folder, file, index);
      if (!viewMaps) continue;
      const size = viewMaps.shape[1] * viewMaps.shape[2];
      prototypes.forEach((prototype, i) =>
        this.#maps.set(prototype, viewMaps.data.slice(i * size, (i + 1) * size))
      );
    }
  }

  of(prototype: number): Float32Array | undefined {
    return this.#maps.get(prototype);
  }
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
      }: the training image with the view that became the prototype, and the view with the pixels that count, by prototype relevance propagation. The weight is that of the last layer to the prototype's class.`,
      html`${
        [...classes].map(([label, cards]) =>
          html`
            <h3>${evaluation.classes[label]}</h3>
            <div class="cards">${cards}</div>
          `
        )
      }`,
      [
        { kind: "project", output: "prototypes", label },
        { kind: "prp", output: "saliency", label },
      ],
    ),
  );
}

async function card(
  { prototype, sample, view, distance }: PrototypeSource,
  { evaluation, maps, pictures }: ShownPrototypes,
): Promise<Html> {
  const { weight, occurrences, isActive } = evaluation.prototypes[prototype];
  return html`
    <div class="card" id="p${prototype}">
      <div class="views">${await pictures.image(sample, view)}${await pictures
        .view(sample, view, maps.of(prototype))}</div>
      <p><b>${prototype}</b> ${isActive
        ? html`weight ${weight.toFixed(2)}`
        : "inactive"}<br><small title="${pictures.sample(sample)
        .name}">among the top of ${occurrences} images · moved by ${distance.toPrecision(2)}</small></p>
    </div>
  `;
}
