/** The prototypes, by class if they have one: a training image that shows each, its view there, and the relevant pixels. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { type ProjectedPrototype, readPrototypes } from "../../models/projection/prototype_list.ts";
import { chosenSamples, decidingPrototypes, gridOf } from "../page/chosen_samples.ts";
import { DUPLICATE_WITHIN, duplicateGroups, othersOf } from "../page/duplicates.ts";
import { evaluatedRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { className, type Html, html } from "../page/html.ts";
import { data, evaluations, prototypes, prototypeSaliency, trainViews } from "../page/inputs.ts";
import { bestPlaces, classOfPrototype } from "../page/prototype_facts.ts";
import { PrototypeMaps } from "../page/prototype_maps.ts";
import { defineSection } from "../page/section.ts";
import { ViewPictures } from "../page/view_pictures.ts";

/** Prototypes of the first run; among them those to which decisions lead. */
export default defineSection({
  id: "prototypes",
  name: "Prototypes",
  inputs: { data, evaluations, trainViews, prototypes },
  extras: { prototypeSaliency },
  async render(files, { prototypes: limit, images }) {
    const [{ label, evaluation }] = evaluatedRuns(files);
    const sources = bestPlaces(files.content("prototypes", readPrototypes));
    const pictures = new ViewPictures(files.required("data"), files.required("trainViews"));
    const isProjected = sources.some(({ distance }) => distance !== undefined);
    const groups = duplicateGroups(evaluation, isProjected ? sources : []);
    try {
      return await prototypesFigure({
        label,
        sources,
        wanted: decidingPrototypes(chosenSamples(evaluation, images)),
        groups,
        others: othersOf(groups),
        maps: new PrototypeMaps(files.path("prototypeSaliency")),
        pictures,
        evaluation,
        limit,
      });
    } finally {
      pictures.close();
    }
  },
});

interface ShownPrototypes {
  readonly label: string;
  readonly sources: readonly ProjectedPrototype[];
  /** Prototypes that are shown in any case. */
  readonly wanted: ReadonlySet<number>;
  readonly groups: readonly (readonly number[])[];
  /** For each prototype, its duplicates. */
  readonly others: ReadonlyMap<number, readonly number[]>;
  readonly maps: PrototypeMaps;
  readonly pictures: ViewPictures;
  readonly evaluation: Evaluation;
  /** The number of others, spread evenly over all, up to this number of all. */
  readonly limit: number;
}

async function prototypesFigure(shown: ShownPrototypes): Promise<Html> {
  const { label, sources, evaluation, wanted } = shown;
  const chosen = chosenSources(shown);
  const classes = new Map<string | undefined, Html[]>();
  for (const source of chosen) {
    const name = classOfPrototype(evaluation, source.prototype);
    if (!classes.has(name)) classes.set(name, []);
    classes.get(name)!.push(await card(source, shown));
  }
  return figure(
    html`<b>Prototypes</b> of the run ${label}${
      chosen.length < sources.length &&
      `, ${chosen.length} of ${sources.length}${
        wanted.size > 0 ? ", among them all that decisions below list" : ""
      }`
    }: a training image, framed where it shows the prototype, and that view with its relevant pixels. The weight is that for the prototype’s class; where classes share prototypes, the largest, and the class that has it. ${
      unusedText(evaluation)
    } ${duplicatesText(shown)}`,
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

/** The wanted ones, and up to the limit others; active ones if there are enough. */
function chosenSources({ sources, evaluation, wanted, limit }: ShownPrototypes): ProjectedPrototype[] {
  const others = sources.filter(({ prototype }) => !wanted.has(prototype));
  const active = others.filter(({ prototype }) => evaluation.prototypes[prototype].isActive);
  const count = Math.min(Math.max(0, limit - wanted.size), others.length);
  const candidates = active.length >= count ? active : others;
  const spread = new Set(
    Array.from({ length: count }, (_, i) => candidates[Math.floor(i * candidates.length / count)]),
  );
  return sources.filter((source) => wanted.has(source.prototype) || spread.has(source));
}

/** How many numbers of prototypes are listed. */
const LISTED = 40;

function unusedText({ prototypes, k }: Evaluation): Html {
  const unused = prototypes.filter(({ occurrences }) => occurrences === 0).map(({ prototype }) => prototype);
  return unused.length === 0
    ? html`Each of the ${prototypes.length} is among the ${k} most similar prototypes of some image.`
    : html`
      <span
        class="unused">${unused.length} of ${prototypes
          .length} are activated by no image, that is, among the ${k} most similar prototypes of none: ${numbers(
            unused,
          )}.</span>
    `;
}

function duplicatesText({ groups, evaluation: { prototypes } }: ShownPrototypes): Html {
  const isCompared = prototypes.some(({ nearest }) => nearest);
  const rule = `come from the same place of the same image${
    isCompared ? `, or have elements that differ by less than ${DUPLICATE_WITHIN} (root mean square)` : ""
  }`;
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  return groups.length === 0 ? html`There are no duplicates: no two prototypes ${rule}.` : html`
    <span
      class="duplicates">${count} prototypes are duplicates, in ${groups
        .length} groups whose members ${rule}; without repetitions there are ${prototypes.length - count +
        groups.length}. They are marked.</span>
  `;
}

function numbers(all: readonly number[]): string {
  return `${all.slice(0, LISTED).join(", ")}${all.length > LISTED ? ", …" : ""}`;
}

async function card(source: ProjectedPrototype, shown: ShownPrototypes): Promise<Html> {
  const { evaluation, maps, pictures, others } = shown;
  const { prototype, sample, view, position } = source;
  const { weight, classes, isActive } = evaluation.prototypes[prototype];
  const strongest = classes?.[0];
  const grid = gridOf(evaluation);
  const copies = others.get(prototype);
  return html`
    <div class="card" id="p${prototype}">
      <div class="views">${await pictures.image(
        sample,
        view,
        position && grid && [...position, ...grid],
      )}${await pictures
        .view(sample, view, maps.of(source))}</div>
      <p><b>${prototype}</b> ${isActive
        ? html`weight ${weight.toFixed(2)}${
          strongest && html`
            for ${className(evaluation.classes[strongest.label])}
          `
        }`
        : "no class uses it"}${copies &&
        html`<br><b class="duplicate">duplicate</b> of ${numbers(copies)}`}<br><small>${factsOf(
          source,
          shown,
        )}</small></p>
    </div>
  `;
}

/** What is known of a prototype, in sentences. */
function factsOf(
  { prototype, sample, distance, similarity }: ProjectedPrototype,
  shown: ShownPrototypes,
): string {
  const { evaluation, pictures } = shown;
  const { occurrences } = evaluation.prototypes[prototype];
  return [
    `From ${pictures.sample(sample).name}.`,
    occurrences === 0
      ? "No image activates it."
      : `${occurrences} ${
        occurrences === 1 ? "image has" : "images have"
      } it among the ${evaluation.k} most similar.`,
    ...(distance === undefined
      ? []
      : [`The projection moved it by a squared distance of ${distance.toPrecision(2)}.`]),
    ...(similarity === undefined ? [] : [`Its similarity there is ${similarity.toFixed(2)}.`]),
  ].join(" ");
}
