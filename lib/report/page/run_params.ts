/** All params of the tasks of a run in a table; those that a profile or the command line replaced are marked. */

import { type Html, html } from "./html.ts";
import { scrolledTable } from "./scrolled_table.ts";
import type { PageRun } from "./page_run.ts";

/** A param of a task with the values that its members have. */
interface Param {
  readonly path: string;
  readonly values: readonly string[];
}

export function paramsTable({ tasks, overrides }: Pick<PageRun, "tasks" | "overrides">): Html {
  const groups = [...Map.groupBy(tasks, ({ task }) => task)].map(([task, members]) => ({
    task,
    kind: members[0].kind,
    params: paramsOf(members.map(({ params }) => params)),
  }));
  const overridden = (task: string, path: string) =>
    overrides.find(({ field }) => `${task}.${path}` === field || `${task}.${path}`.startsWith(`${field}.`))
      ?.by;
  return html`
    ${scrolledTable(
      ["task", "param", "value", "replaced by"],
      groups.flatMap(({ task, params }) =>
        params.map(({ path, values }) => {
          const by = overridden(task, path);
          return html`
            <tr class="${by === undefined ? "" : "overridden"}">
              <th scope="row">${task}</th>
              <td>${path}</td>
              <td>${values.join(" | ")}</td>
              <td>${by === "set" ? "--set" : by ?? ""}</td>
            </tr>
          `;
        })
      ),
      { style: "params" },
    )}
    ${matrixText(overrides)}
  `;
}

/** Overrides of the matrix, which belong to no task. */
function matrixText(overrides: PageRun["overrides"]): Html | undefined {
  const axes = overrides.filter(({ field }) => field.startsWith("matrix."));
  return axes.length > 0 &&
      html`<p class="overridden">Also replaced: ${
        axes.map(({ field, by }) => `${field} (by ${by === "set" ? "--set" : by})`).join(", ")
      }.</p>` || undefined;
}

/** Leaves of the params of a task's members, in order, with their different values. */
function paramsOf(members: readonly Readonly<Record<string, unknown>>[]): Param[] {
  const values = new Map<string, Set<string>>();
  for (const params of members) {
    for (const [path, value] of leaves(params)) {
      if (!values.has(path)) values.set(path, new Set());
      values.get(path)!.add(value);
    }
  }
  return [...values].map(([path, found]) => ({ path, values: [...found] }));
}

function leaves(value: unknown, path = ""): [path: string, text: string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === "" ? name : `${path}.${name}`)
  );
}
