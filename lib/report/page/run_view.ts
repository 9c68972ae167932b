/** What a page shows of its run: the pipeline, the params, and the tasks behind its figures. */

import { type Html, html } from "./html.ts";
import type { PageRun } from "./page_run.ts";
import { paramsTable } from "./run_params.ts";
import { pipelineDrawing } from "./pipeline.ts";

/** What the page's script puts into it. */
export interface RunView {
  /** HTML by the id of the element that shows it, beside what every page has. */
  readonly places?: Readonly<Record<string, string>>;
  readonly pipeline: string;
  readonly summary: string;
  readonly params: string;
  /** For each input of the report, by the positions that the page is about, the command that copies it and the task's key. */
  readonly origins: Readonly<
    Record<string, readonly ({ readonly command: string; readonly key: string } | null)[]>
  >;
}

/** More tasks than these can't be read in one drawing. */
const MOST_TASKS = 60;

/** @param page the text of the page, which holds the positions of the inputs that it is about */
export function runView(all: PageRun, page: string): RunView {
  const run = ofPage(all, positionsIn(page));
  const names = new Set(run.tasks.map(({ task }) => task));
  const tooMany = html`
    <p
      class="none">The pipeline and the params of a row are on the page to which its name leads in the tables.</p>
  `;
  const shown = (draw: () => Html) => (names.size > MOST_TASKS ? tooMany : draw()).text;
  const ran = run.tasks.filter(({ outcome }) => outcome !== "reused").length;
  const keys = new Map(run.tasks.map(({ id, key }) => [id, key]));
  return {
    pipeline: shown(() => pipelineDrawing(run.tasks)),
    summary:
      html`of run ${run.run}: ${ran} ran, ${
        run.tasks.length - ran
      } reused. Command: <code>${run.command}</code>.`.text,
    params: names.size > MOST_TASKS ? "" : paramsTable(run).text,
    origins: Object.fromEntries(
      Object.entries(run.result.inputs).map(([input, origins]) => [
        input,
        origins.map(({ task, output }) =>
          task === undefined ? null : {
            command: `deno task get ${run.workflow} '${task}.${output}' FOLDER`,
            key: keys.get(task) ?? "",
          }
        ),
      ]),
    ),
  };
}

function positionsIn(page: string): Record<string, number[]> {
  return (jsonIn(page, "positions") ?? {}) as Record<string, number[]>;
}

/** The JSON in the element of a page with this id; undefined where there is none. */
export function jsonIn(page: string, id: string): unknown {
  const begin = `<script type="application/json" id="${id}">`;
  const at = page.indexOf(begin);
  if (at < 0) return undefined;
  const from = at + begin.length;
  return JSON.parse(page.slice(from, page.indexOf("</script>", from)));
}

/** The facts of the inputs at these positions, and of the tasks that they need. */
function ofPage(run: PageRun, positions: Record<string, number[]>): PageRun {
  const inputs = Object.fromEntries(
    Object.entries(run.result.inputs).map(([name, all]) => [
      name,
      (positions[name] ?? []).flatMap((at) => all[at] ?? []),
    ]),
  );
  const tasks = new Map(run.tasks.map((task) => [task.id, task]));
  const wanted = new Set(Object.values(inputs).flat().flatMap(({ task }) => task ?? []));
  for (const id of wanted) for (const need of tasks.get(id)?.needs ?? []) wanted.add(need);
  wanted.add(run.result.task);
  return {
    ...run,
    result: { ...run.result, inputs },
    tasks: run.tasks.filter(({ id }) => wanted.has(id)),
  };
}
