/** The prototypes, by class if they have one: a training image that shows each, its view there, and the relevant pixels. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { type ProjectedPrototype, readPrototypes } from "../../models/projection/prototype_list.ts";
import { evaluatedRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { className, type Html, html } from "../page/html.ts";
import { data, evaluations, prototypes, prototypeSaliency, trainViews } from "../page/inputs.ts";
import { bestPlaces, classOfPrototype } from "../page/prototype_facts.ts";
import { PrototypeMaps } from "../page/prototype_maps.ts";
import { defineSection } from "../page/section.ts";
import { ViewPictures } from "../page/view_pictures.ts";

/** Prototypes of the first run. */
export default defineSection({
  id: "prototypes",
  name: "Prototypes",
  inputs: { data, evaluations, trainViews, prototypes },
  extras: { prototypeSaliency },
  async render(files, { prototypes: limit }) {
    const [{ label, evaluation }] = evaluatedRuns(files);
    const sources = bestPlaces(files.content("prototypes", readPrototypes));
    const maps = new PrototypeMaps(files.path("prototypeSaliency"));
    const pictures = new ViewPictures(files.required("data"), files.required("trainViews"));
    try {
      return await prototypesFigure({ label, sources, maps, pictures, evaluation, limit });
    } finally {
      pictures.close();
    }
  },
});

interface ShownPrototypes {
  readonly label: string;
  readonly sources: readonly ProjectedPrototype[];
  readonly maps: PrototypeMaps;
  readonly pictures: ViewPictures;
  readonly evaluation: Evaluation;
  /** The maximum number of prototypes, spread evenly over all. */
  readonly limit: number;
}

async function prototypesFigure(shown: ShownPrototypes): Promise<Html> {
  const { label, sources, evaluation, limit } = shown;
  const active = sources.filter(({ prototype }) => evaluation.prototypes[prototype].isActive);
  const candidates = active.length >= limit ? active : sources;
  const count = Math.min(limit, sources.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => candidates[Math.floor(i * candidates.length / count)],
  );
  const views = new Set(sources.map(({ sample, view }) => `${sample} ${view}`)).size;
  const classes = new Map<string | undefined, Html[]>();
  for (const source of chosen) {
    const name = classOfPrototype(evaluation, source.prototype);
    if (!classes.has(name)) classes.set(name, []);
    classes.get(name)!.push(await card(source, shown));
  }
  return figure(
    html`<b>Prototypes</b> of the run ${label}${
      count < sources.length && `, ${count} of ${sources.length}`
    }: a training image with the view that shows the prototype, and that view with its relevant pixels. The weight is that for the prototype's class; where classes share prototypes, the largest, and the class that has it.${
      views < sources.length && sources.every(({ position }) => !position) &&
      ` The ${sources.length} prototypes come from ${views} different views; prototypes from the same view are equal.`
    }`,
    html`${
      [...classes].map(([name, cards]) =>
        html`
          <h3>${name ?? "Prototypes of all classes"}</h3>
          <div class="cards">${cards}</div>
        `
      )
    }`,
    [{ input: "prototypes", at: 0 }, { input: "prototypeSaliency", at: 0 }],
  );
}

async function card(
  source: ProjectedPrototype,
  { evaluation, maps, pictures }: ShownPrototypes,
): Promise<Html> {
  const { prototype, sample, view, distance, similarity } = source;
  const { weight, classes, occurrences, isActive } = evaluation.prototypes[prototype];
  const strongest = classes?.[0];
  return html`
    <div class="card" id="p${prototype}">
      <div class="views">${await pictures.image(sample, view)}${await pictures
        .view(sample, view, maps.of(source))}</div>
      <p><b>${prototype}</b> ${isActive
        ? html`weight ${weight.toFixed(2)}${
          strongest && html`
            for ${className(evaluation.classes[strongest.label])}
          `
        }`
        : "inactive"}<br><small title="${pictures.sample(sample)
        .name}">among the top of ${occurrences} images${distance !== undefined &&
        ` · moved by ${distance.toPrecision(2)}`}${similarity !== undefined &&
        ` · similarity ${similarity.toFixed(2)}`}</small></p>
    </div>
  `;
}
