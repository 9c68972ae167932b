/** A figure or table of the page: its content, its caption, and the inputs that it shows. */

import { Html, html } from "./html.ts";

/** An input of the report that a figure shows; the facts of the run add the commands and keys of the tasks behind it. */
export interface Origin {
  readonly input: string;
  /** The position in the list of the input; all of it if undefined. */
  readonly at?: number;
}

/** Figures and tables are numbered separately. */
export type Numbered = "figure" | "table";

/** @param origins the inputs that it shows, in the order of their lines below the caption */
export function figure(
  caption: Html,
  content: Html,
  origins: readonly Origin[],
  kind: Numbered = "figure",
): Html {
  return html`<figure>${content}<figcaption><span class="number" data-of="${kind}"></span>${caption}</figcaption>${
    origins.length > 0 && originLines(origins)
  }</figure>`;
}

const NUMBER = /<span class="number" data-of="(figure|table)"><\/span>/g;

/** Numbers the figures and tables of a page as they stand. */
export function withNumbers(page: Html): Html {
  const counts = { figure: 0, table: 0 };
  return new Html(
    page.text.replace(NUMBER, (_, kind: Numbered) => {
      const name = kind === "figure" ? "Figure" : "Table";
      return `<span class="number">${name} ${++counts[kind]}.</span> `;
    }),
  );
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
