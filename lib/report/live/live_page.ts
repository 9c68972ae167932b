/** The page that shows a run while it goes on; its script puts in its places what is sent to it. */

import { createHash } from "node:crypto";
import { plot } from "../charts/line_chart.ts";
import { pageHead } from "../page/head.ts";
import { Html, html } from "../page/html.ts";
import { STYLE } from "../page/style.ts";
import { LIVE_SCRIPT } from "./live_script.ts";
import { LIVE_STYLE } from "./live_style.ts";

/** A task that is running. */
export interface LiveTask {
  readonly id: string;
  readonly progress: string;
  /** From 0 to 1. */
  readonly part?: number;
  readonly unit: string;
  readonly curve?: {
    readonly done: readonly number[];
    readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  };
  readonly log: readonly string[];
}

/** A run at one moment. */
export interface LiveRun {
  readonly run: string;
  readonly workflow: string;
  readonly choice: string;
  readonly state: string;
  readonly by: string;
  readonly started: string;
  readonly ms: number;
  readonly ended: number;
  readonly total: number;
  readonly running: readonly LiveTask[];
  readonly outcomes: readonly string[];
  /** Lines about what its results say so far. */
  readonly standing: readonly string[];
  readonly memory?: { readonly usedBytes: number; readonly totalBytes: number };
  readonly gpus?: readonly {
    readonly id: string;
    readonly model: string;
    readonly percent: number;
    readonly usedBytes: number;
    readonly totalBytes: number;
  }[];
}

/** What the script puts into the page: HTML by the id of its place, and a card for each task that is running. */
export interface LiveParts {
  readonly title: string;
  readonly places: Readonly<Record<string, string>>;
  readonly tasks: readonly { readonly id: string; readonly html: string; readonly log: string }[];
}

/** Scripts and styles of this page alone, and requests to its own server alone. */
export const LIVE_POLICY = [
  "default-src 'none'",
  "img-src data:",
  "connect-src 'self'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash("sha256").update(LIVE_SCRIPT).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page before anything was sent to it. */
export function livePage(): string {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      ${pageHead("protoflow", STYLE + LIVE_STYLE, html`<link rel="icon" href="data:,">`)}
      <body>
        <header>
          <div>
            <h1 id="name">protoflow</h1>
            <p id="about"></p>
            <p id="state" role="status">connecting</p>
            <div id="standing"></div>
            <dl class="facts" id="facts">
              <div>
                <dt>tasks</dt>
                <dd>–</dd>
              </div>
            </dl>
          </div>
        </header>
        <main>
          <section id="running">
            <h2>Running</h2>
            <div id="tasks"></div>
            <p class="none" id="nothing">no task is running</p>
          </section>
          <section>
            <h2>Ended</h2>
            <div id="ended"></div>
          </section>
          <footer>The page reads what the run writes; closing it changes nothing of the run.</footer>
        </main>
        <script>${new Html(LIVE_SCRIPT)}</script>
      </body>
    </html>
  `.text.trimStart();
}

/** What the page shows of a run. */
export function liveParts(seen: LiveRun): LiveParts {
  const { run, workflow, choice, state, by, started, running, outcomes, standing } = seen;
  return {
    title: `${workflow}: ${state}`,
    places: {
      name: html`${workflow}`.text,
      about: html`${choice ? `${choice}; ` : ""}run <code>${run}</code> by ${by}, since ${started}`.text,
      state: html`${state}`.text,
      standing: html`${standing.map((line) => html`<p>${line}</p>`)}`.text,
      facts: factsOf(seen).text,
      ended: endedList(outcomes).text,
    },
    tasks: running.map((task) => ({ id: task.id, html: taskCard(task).text, log: task.log.join("\n") })),
  };
}

function factsOf({ ended, total, ms, memory, gpus = [] }: LiveRun): Html {
  const fact = (name: string, value: string, more?: string) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}${more !== undefined && html`<small>${more}</small>`}</dd>
      </div>
    `;
  return html`${fact("tasks", `${ended} of ${total}`)}${fact("time", clock(ms))}${
    memory && fact("memory", gigabytes(memory.usedBytes), `of ${gigabytes(memory.totalBytes)}`)
  }${
    gpus.map(({ id, model, percent, usedBytes, totalBytes }) =>
      fact(`GPU ${id}`, `${percent} %`, `${model}, ${gigabytes(usedBytes)} of ${gigabytes(totalBytes)}`)
    )
  }`;
}

function taskCard({ id, progress, part, unit, curve }: LiveTask): Html {
  const { done = [], values = {} } = curve ?? {};
  const charts = Object.entries(values).flatMap(([name, own], colour) => {
    const points = own.map((value, i): [number, number] => [done[i], value ?? NaN]);
    const title = `${name} of ${id}`;
    const drawn = plot({ title, xLabel: unit, yLabel: name, series: [{ name, colour, points }] });
    return drawn ? [html`<div><p class="chart-title">${name}</p>${drawn}</div>`] : [];
  });
  // The bar of the text is for terminals.
  const text = progress.replace(/[█░]+ ?/g, "").trim();
  return html`
    <h3>${id}</h3>
    ${part !== undefined &&
      html`<progress max="1" value="${part.toFixed(4)}" aria-label="done of ${id}"></progress>`}
    <p class="progress-text">${text}</p>
    ${charts.length > 0 && html`<div class="pair">${charts}</div>`}
  `;
}

/** The newest first; those that failed with all that was printed. */
function endedList(outcomes: readonly string[]): Html {
  if (outcomes.length === 0) return html`<p class="none">nothing yet</p>`;
  const items = outcomes.toReversed().map((text) => {
    const [first, ...more] = text.split("\n");
    return html`<li>${first}${more.length > 0 && html`<pre tabindex="0">${more.join("\n")}</pre>`}</li>`;
  });
  return html`<ol class="ended" reversed>${items}</ol>`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(3)} GB`;
}

/** `1:02:03`, `2:03`. */
function clock(ms: number): string {
  const s = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}
