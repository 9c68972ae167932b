/** The pipeline of a run: a box for all members of a task, with how they ended. */

import { layeredLayout } from "../../system/layered_layout.ts";
import { type Html, html } from "./html.ts";
import type { PageTask } from "./page_run.ts";

const HEIGHT = 48;
const LEAST_WIDTH = 130;
const CHARACTER = 7.6;
/** A drawing that is wider than its box shrinks to this part, in which its letters can still be read; then it scrolls. */
const SMALLEST = 0.85;

/** @param tasks with their needs among them */
export function pipelineDrawing(tasks: readonly PageTask[]): Html {
  const nameOf = new Map(tasks.map(({ id, task }) => [id, task]));
  const boxes = [...Map.groupBy(tasks, ({ task }) => task)].map(([id, members]) => {
    const label = members.length > 1 ? `${id} × ${members.length}` : id;
    const note = noteOf(members);
    const width = Math.max(LEAST_WIDTH, CHARACTER * Math.max(label.length, note.length) + 16);
    const needs = members.flatMap(({ needs }) => needs.flatMap((need) => nameOf.get(need) ?? []));
    return { id, members, label, note, width, needs };
  });
  const { width, height, places, edges } = layeredLayout(boxes, HEIGHT);
  return html`
    <svg class="pipeline" viewBox="0 0 ${width} ${height}"
      style="min-width: ${Math.round(SMALLEST * width)}px; max-width: ${width}px"
      role="img"
      aria-label="the tasks of the run">${edges.map(({ path }) =>
        html`
          <path d="${path}" />
        `
      )}${boxes.map(({ id, members, label, note, width }) => {
        const { x, y } = places.get(id)!;
        const middle = x + width / 2;
        return html`
          <g class="${members.some(hasRun) ? "ran" : "reused"}">
            <title>${members.map(({ id, outcome, ms }) => `${id}: ${outcome}, ${duration(ms)}`).join(
              "\n",
            )}</title>
            <rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="9" stroke-width="1.6" />
            <text x="${middle}" y="${y + 20}" text-anchor="middle">${label}</text>
            <text x="${middle}" y="${y + 37}" text-anchor="middle" class="note">${note}</text>
          </g>
        `;
      })}</svg>
  `;
}

const hasRun = ({ outcome }: PageTask) => outcome !== "reused";

function noteOf(members: readonly PageTask[]): string {
  const ran = members.filter(hasRun).length;
  const took = duration(members.reduce((sum, { ms }) => sum + ms, 0));
  if (ran === 0) return `reused, saved ${took}`;
  return ran === members.length ? `ran, ${took}` : `${ran} of ${members.length} ran`;
}

function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
