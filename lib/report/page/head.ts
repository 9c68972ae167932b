/** The head of a page, which fits a phone's window. */

import { Html, html } from "./html.ts";

/** @param more what stands between the size of the window and the title, such as {@link selfContained} */
export function pageHead(title: string, style: string, more: Html): Html {
  return html`
    <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      ${more}
      <title>${title}</title>
      <style>${new Html(style)}</style>
    </head>
  `;
}

/** Keeps a page that is a file from fetching anything. */
export function selfContained({ hasScript }: { readonly hasScript: boolean }): Html {
  const scripts = hasScript ? "; script-src 'unsafe-inline'" : "";
  return html`
    <meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; img-src data:; style-src 'unsafe-inline'${new Html(scripts)}">
  `;
}
