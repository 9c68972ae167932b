/** `status`: past runs and running actions: user, machine, start, progress. */

import { duration } from "../display/format.ts";
import { progressText } from "../display/progress_text.ts";
import type { RunNow } from "../history/journal.ts";
import { isAlive, readRun, runIds, runNow, type RunRecord } from "../history/runs.ts";
import { table } from "../display/table.ts";
import { print, printJson } from "../display/terminal.ts";
import { type CommonOptions, type Project, storeFolder } from "./open_workflow.ts";

const MOST_SHOWN = 10;

export function statusCommand(project: Project, options: CommonOptions): number {
  const store = storeFolder(project, options);
  const runs = runIds(store).slice(-MOST_SHOWN).flatMap((id) => readRun(store, id) ?? []);
  const states = runs.map((run) => ({
    run,
    state: run.end ? endState(run) : isAlive(store, run) ? "running" : "died",
  }));
  if (options.json) {
    printJson(
      ...states.map(({ run: { head, end }, state }) => ({
        ...head,
        state,
        end,
        now: runNow(store, head.run),
      })),
    );
    return 0;
  }
  if (runs.length === 0) print(`nothing has been run with the store ${store}`);
  const now = Date.now();
  const shown = states.map((one) => ({
    ...one,
    doing: one.state === "running" ? doing(store, one.run) : undefined,
  }));
  const lines = table(shown.map(({ run: { head, end }, state, doing }) => [
    head.run,
    head.workflow,
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
      ...(doing?.actions ?? []).map((action) => `  ${action.id}  ${progressText({ ...action, now })}`),
    );
  });
  return 0;
}

/** The last known activity of a running run; empty at its very beginning. */
function doing(store: string, { head }: RunRecord): RunNow {
  return runNow(store, head.run) ?? { actions: [], ended: 0, total: 0 };
}

function endState({ end }: RunRecord): string {
  return end!.failed > 0 ? "failed" : end!.skipped > 0 ? "interrupted" : "done";
}
