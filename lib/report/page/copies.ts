/** A table as text in some formats, each with a button that copies it. */

import { type Html, html } from "./html.ts";

/** @param table the name of the table, for screen readers */
export function copies(table: string, texts: Readonly<Record<string, string>>): Html {
  return html`<div class="copies">${
    Object.entries(texts).map(([format, text]) =>
      html`<details><summary>${format}</summary><button type="button" data-copy aria-label="copy ${table} as ${format}">copy</button><pre tabindex="0">${text}</pre></details>`
    )
  }</div>`;
}
