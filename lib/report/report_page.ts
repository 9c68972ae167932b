/** The page of a report: complete in one HTML file that needs nothing else. */

import { htmlDocument } from "./page/document.ts";
import { section, withNumbers } from "./page/figure.ts";
import { type Html, html } from "./page/html.ts";
import type { RenderedSection } from "./page/section.ts";
import { SCRIPT } from "./page/script.ts";

/** A JSON value in the page that a run replaces by its facts, as JSON. Other text in the page has its quotes escaped. */
export const RUN_FACTS_PLACEHOLDER = '"the facts of the run"';

/** What a page shows. */
export interface ReportPage {
  readonly title: string;
  readonly header: Html;
  readonly sections: readonly RenderedSection[];
  /** For each input, the positions in its list that the page is about. */
  readonly positions: Readonly<Record<string, readonly number[]>>;
  /** Further JSON by the id of the element that holds it, for what the page takes of a run. */
  readonly data?: Readonly<Record<string, string>>;
  /** The page about all rows, relative to this one, if this one is about a row of a study. */
  readonly study?: string;
}

/** The HTML of a page. */
export function reportPage({ title, header, sections, positions, data, study }: ReportPage): string {
  const page = htmlDocument({
    title,
    header: html`${study && html`<p><a href="${study}">The whole study</a></p>`}<h1>${title}</h1>${header}`,
    nav: html`
      <nav aria-label="sections">
        <div><a href="#pipeline-section">Pipeline</a>${sections.map(({ id, name }) =>
          html`<a href="#${id}">${name}</a>`
        )}</div>
      </nav>
    `,
    main: html`
      <section id="pipeline-section">
        <h2>Pipeline</h2>
        <figure id="pipeline">
          <div class="drawing scroll">
            <p
              class="none">The copy of this page in the folder results of the store shows the pipeline of its run.</p>
          </div>
          <figcaption><span class="number" data-of="figure"></span><b>Pipeline</b> <span class="facts-of-run"></span></figcaption>
        </figure>
        <figure id="params" hidden>
          <div class="drawing"></div>
          <figcaption><span class="number" data-of="table"></span><b>All params</b> of the tasks of the run; marked are those that a profile or the command line replaced.</figcaption>
        </figure>
      </section>
          ${sections.map(({ id, name, content }) => section(id, name, content))}
          <footer>All outputs are cached under a hash of everything that produced them; the same command reproduces this page, but for the facts of its run.</footer>
    `,
    data: { ...data, positions: JSON.stringify(positions), run: RUN_FACTS_PLACEHOLDER },
    script: SCRIPT,
  });
  return withNumbers(page).text;
}
