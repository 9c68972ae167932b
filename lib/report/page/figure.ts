/** A figure of the page: its content, its description, and the tasks that made it. */

import { type Html, html } from "./html.ts";

/** The tasks whose output a figure shows; the facts of the run add their commands and keys. */
export interface MadeBy {
  readonly kind: string;
  readonly output: string;
  /** The label of the matrix members; all members if undefined. */
  readonly label?: string;
}

export function figure(caption: Html, content: Html, madeBy: readonly MadeBy[]): Html {
  return html`<figure>${content}<figcaption>${caption}</figcaption>${madeLines(madeBy)}</figure>`;
}

function madeLines(madeBy: readonly MadeBy[]): Html {
  return html`<details class="made"><summary>command and key</summary>${
    madeBy.map(({ kind, output, label }) =>
      html`
        <div data-kind="${kind}" data-output="${output}"
          data-label="${label ??
            ""}">made by the kind <code>${kind}</code>, output <code>${output}</code></div>
      `
    )
  }</details>`;
}

export function section(id: string, title: string, ...content: readonly (Html | false | undefined)[]): Html {
  return html`<section id="${id}"><h2>${title}</h2>${content}</section>`;
}
