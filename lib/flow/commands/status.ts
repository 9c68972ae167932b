/** `status`: the last runs and all that are running: user, machine, start, progress, and what their results say so far. */

import { duration } from "../display/format.ts";
import { progressText } from "../display/progress_text.ts";
import type { RunNow } from "../history/journal.ts";
import { type ListedRun, listRuns } from "../history/run_list.ts";
import { runNow } from "../history/runs.ts";
import { Standings } from "../history/standings.ts";
import { table } from "../display/table.ts";
import { print, printJson } from "../display/terminal.ts";
import { type CommonOptions, openStore, type Project, storeFolder } from "./open_workflow.ts";
import { choiceText } from "./run_columns.ts";

/** So many of those that have ended; of those that are running none is left out. */
const MOST_ENDED = 10;

export async function statusCommand(project: Project, options: CommonOptions): Promise<number> {
  const store = storeFolder(project, options);
  const all = listRuns(store);
  const ended = new Set(all.filter(({ state }) => state !== "running").slice(-MOST_ENDED));
  const runs = all.filter((run) => run.state === "running" || ended.has(run));
  const standings = runs.length === 0 ? [] : await standingsOf(runs, project, options);
  if (options.json) {
    printJson(...runs.map(({ head, end, state }, i) => ({
      ...head,
      state,
      end,
      now: runNow(store, head.run),
      standing: standings[i],
    })));
    return 0;
  }
  if (runs.length === 0) print(`nothing has been run with the store ${store}`);
  const now = Date.now();
  const shown = runs.map((run) => ({
    ...run,
    doing: run.state === "running" ? doing(store, run) : undefined,
  }));
  const lines = table(shown.map(({ head, end, state, doing }) => [
    head.run,
    [head.workflow, choiceText(head)].filter(Boolean).join(" "),
    state,
    `${head.user}@${head.owner.host} (${head.owner.pid})`,
    end
      ? `${end.ran} ran, ${end.reused} reused, ${end.failed} failed in ${duration(end.ms)}`
      : doing
      ? `${doing.ended}/${doing.total} done, for ${
        duration(now - Date.parse(head.started))
      }, since ${head.started}`
      : "run the same command to resume",
  ]));
  shown.forEach(({ doing }, i) => {
    print(
      lines[i],
      ...standings[i].map((line) => `  ${line}`),
      ...(doing?.actions ?? []).map((action) => `  ${action.id}  ${progressText({ ...action, now })}`),
    );
  });
  if (all.length > runs.length) print(`${all.length - runs.length} earlier runs: deno task runs`);
  return 0;
}

/** By run, lines about what its results say so far. */
async function standingsOf(
  runs: readonly ListedRun[],
  project: Project,
  options: CommonOptions,
): Promise<string[][]> {
  const { standings = [] } = await project.registry();
  const store = openStore(project, options);
  try {
    const all = new Standings(store, standings);
    const found: string[][] = [];
    for (const run of runs) found.push(await all.linesOf(run));
    return found;
  } finally {
    store.close();
  }
}

/** The last known activity of a running run; empty at its very beginning. */
function doing(store: string, { head }: ListedRun): RunNow {
  return runNow(store, head.run) ?? { actions: [], ended: 0, total: 0 };
}
