/** A figure of the page: its content, its caption, and the inputs that it shows. */

import { type Html, html } from "./html.ts";

/** An input of the report that a figure shows; the facts of the run add the commands and keys of the tasks behind it. */
export interface Origin {
  readonly input: string;
  /** The position in the list of the input; all of it if undefined. */
  readonly at?: number;
}

/** @param origins the inputs that it shows, in the order of their lines below the caption */
export function figure(caption: Html, content: Html, origins: readonly Origin[]): Html {
  return html`<figure>${content}<figcaption>${caption}</figcaption>${originLines(origins)}</figure>`;
}

function originLines(origins: readonly Origin[]): Html {
  return html`<details class="made"><summary>command and key</summary>${
    origins.map(({ input, at }) =>
      html`
        <div data-input="${input}"
          data-at="${at ?? ""}">made from the input <code>${input}</code> of the report</div>
      `
    )
  }</details>`;
}

/** A section of the page under its heading. */
export function section(id: string, heading: string, content: Html): Html {
  return html`<section id="${id}"><h2>${heading}</h2>${content}</section>`;
}
