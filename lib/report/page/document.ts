/** The frame of a page that needs nothing else: its head, its header and main part, and its scripts. */

import { pageHead, selfContained } from "./head.ts";
import { Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/** The parts of a page. */
export interface PageParts {
  readonly title: string;
  readonly header: Html;
  /** Between the header and the main part. */
  readonly nav?: Html;
  readonly main: Html;
  /** JSON by the id of the element that holds it, for the script. */
  readonly data?: Readonly<Record<string, string>>;
  readonly script: string;
}

/** The page, with a dialog in which its pictures are enlarged. */
export function htmlDocument({ title, header, nav, main, data = {}, script }: PageParts): Html {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      ${pageHead(title, STYLE, selfContained({ hasScript: true }))}
      <body>
        <header>
          <div>${header}</div>
        </header>
        ${nav}
        <main>${main}</main>
        <dialog id="enlarged" aria-label="enlarged picture">
          <div class="shown"></div>
          <p></p>
          <form method="dialog"><button>close</button></form>
        </dialog>
        ${Object.entries(data).map(([id, json]) =>
          html`<script type="application/json" id="${id}">${new Html(json)}</script>`
        )}
        <script>"use strict";${new Html(script)}</script>
      </body>
    </html>
  `;
}
