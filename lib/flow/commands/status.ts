/** `status`: runs and running actions: who, where, since when, how far. */

import { duration } from "../run/format.ts";
import { progressText } from "../run/progress_text.ts";
import { isAlive, readRun, runIds, runNow, type RunRecord } from "../run/runs.ts";
import { print, printJson, table } from "./print.ts";
import { type CommonOptions, type Project, storeFolder } from "./session.ts";

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
  for (const { run: { head, end }, state } of states) {
    const { ended = 0, total = 0, actions = [] } = state === "running" ? runNow(store, head.run) ?? {} : {};
    const far = end
      ? `${end.ran} ran, ${end.reused} reused, ${end.failed} failed in ${duration(end.ms)}`
      : state === "running"
      ? `${ended}/${total} done, for ${duration(now - Date.parse(head.started))}`
      : "the same command goes on from where it was";
    print(
      table([[
        head.run,
        head.workflow,
        state,
        `${head.user}@${head.owner.host} (${head.owner.pid})`,
        far,
      ]])[0],
    );
    print(...actions.map((action) => `  ${action.id}  ${progressText({ ...action, now })}`));
  }
  return 0;
}

function endState({ end }: RunRecord): string {
  return end!.failed > 0 ? "failed" : end!.skipped > 0 ? "interrupted" : "done";
}
