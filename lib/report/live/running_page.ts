/** The page of a run that goes on, as a file: what the live page shows, and the first pictures of what was made. */

import { pageHead, selfContained } from "../page/head.ts";
import { Html, html } from "../page/html.ts";
import { STYLE } from "../page/style.ts";
import { liveParts, type LiveRun } from "./live_page.ts";
import { LIVE_STYLE } from "./live_style.ts";

/** Pictures that a task has made. */
export interface TaskPictures {
  readonly task: string;
  /** URLs with their data. */
  readonly pictures: readonly string[];
}

/**
 * The text of the page.
 *
 * @param written when it was written, for a reader who finds it later
 * @param next when the browser is to read it again, or what it is to open in its place; absent where it stays
 */
export function runningPage(
  seen: LiveRun,
  made: readonly TaskPictures[],
  written: string,
  next?: { readonly seconds: number; readonly url?: string },
): string {
  const { title, places, tasks } = liveParts(seen);
  const reload = next && `${next.seconds}${next.url === undefined ? "" : `; url=${next.url}`}`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      ${pageHead(
        title,
        STYLE + LIVE_STYLE,
        html`${selfContained({ hasScript: false })}${
          reload !== undefined && html`<meta http-equiv="refresh" content="${reload}">`
        }`,
      )}
      <body>
        <header>
          <div>
            <h1>${new Html(places.name)}</h1>
            <p>${new Html(places.about)}</p>
            <p id="state">${new Html(places.state)}</p>
            <dl class="facts">${new Html(places.facts)}</dl>
          </div>
        </header>
        <main>
          ${tasks.length > 0 && html`
            <section id="running">
              <h2>Running</h2>
              ${tasks.map((task) => html`<figure>${new Html(task.html)}</figure>`)}
            </section>
          `}
          ${made.length > 0 && html`<section id="pictures"><h2>Pictures</h2>${made.map(figureOf)}</section>`}
          <section id="ended">
            <h2>Ended</h2>
            ${new Html(places.ended)}
          </section>
          <footer>Written at ${written}, again every few seconds as long as the run goes on; then the result takes its place. <code>deno task watch</code> shows the run, too.</footer>
        </main>
      </body>
    </html>
  `.text.trimStart();
}

function figureOf({ task, pictures }: TaskPictures): Html {
  return html`
    <figure>
      <div class="made">${pictures.map((url, i) =>
        html`<img src="${url}" alt="picture ${String(i + 1)} of ${task}">`
      )}</div>
      <figcaption>${task}</figcaption>
    </figure>
  `;
}
