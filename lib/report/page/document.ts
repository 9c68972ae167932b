/** The frame of a page that needs nothing else: its head, its header and main part, and its scripts. */

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
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <title>${title}</title>
        <style>${new Html(STYLE)}</style>
      </head>
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
