/** A table in a box that scrolls where it is wider than the page, or long. */

import { escaped, Html, html } from "./html.ts";

/** What the style and links know a table by. */
interface TableNames {
  /** The class of the table. */
  readonly style?: string;
  /** The id of the box, for links to it. */
  readonly id?: string;
  /** What screen readers call the table; it is not shown. */
  readonly caption?: string;
}

/**
 * @param columns the texts of the head's cells, or cells that are HTML already
 * @param rows the rows of the body
 */
export function scrolledTable(
  columns: readonly (string | Html)[],
  rows: Html | readonly Html[],
  { style, id, caption }: TableNames = {},
): Html {
  return html`
    <div class="scroll" ${attribute("id", id)}>
      <table${attribute("class", style)}>
        ${caption !== undefined && html`<caption>${caption}</caption>`}
        <thead>
          <tr>${columns.map((column) =>
            typeof column === "string" ? html`<th scope="col">${column}</th>` : column
          )}</tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
  `;
}

function attribute(name: string, value: string | undefined): Html | undefined {
  return value === undefined ? undefined : new Html(` ${name}="${escaped(value)}"`);
}
