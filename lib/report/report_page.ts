/** The report of some runs of one workflow as a single page that needs nothing else. */

import { header } from "./header.ts";
import { section } from "./page/figure.ts";
import { Html, html } from "./page/html.ts";
import { type LabelledPath, ReportFiles } from "./page/report_files.ts";
import { renderSections, type ReportOptions } from "./page/section.ts";
import { SCRIPT } from "./page/script.ts";
import { STYLE } from "./page/style.ts";
import { SECTIONS } from "./sections.ts";

/** A JSON value in the page that a run replaces by its facts, as JSON. Other text in the page has its quotes escaped. */
export const RUN_FACTS_PLACEHOLDER = '"the facts of the run"';

/**
 * The HTML of the report, complete in one file. Which sections it has depends on the inputs.
 *
 * @param paths the files of each input, in the order of the runs; `data` and `evaluations` are required
 */
export async function reportPage(
  options: ReportOptions,
  paths: Readonly<Record<string, readonly LabelledPath[]>>,
): Promise<string> {
  const files = new ReportFiles(paths);
  const sections = await renderSections(SECTIONS, files, options);
  const { title } = options;
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
          <div><h1>${title}</h1>${header(files, options)}</div>
        </header>
        <nav aria-label="sections">
          <div><a href="#pipeline-section">Pipeline</a>${sections.map(({ id, name }) =>
            html`<a href="#${id}">${name}</a>`
          )}</div>
        </nav>
        <main><section id="pipeline-section"><h2>Pipeline</h2><figure id="pipeline"><p class="none">The copy of this page in the folder results of the store shows the pipeline of its run.</p></figure></section>
    ${sections.map(({ id, name, content }) => section(id, name, content))}
    <footer>All outputs are cached under a hash of everything that produced them; the same command reproduces this page.</footer></main>
        <script type="application/json" id="run">${new Html(RUN_FACTS_PLACEHOLDER)}</script>
        <script>${new Html(SCRIPT)}</script>
      </body>
    </html>
  `.text;
}
