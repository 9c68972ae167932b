/** A run with a task that goes on until it is given leave to end. */

import { exists, type Project, type Result, resultOf, until } from "../cli.ts";

export interface Learning {
  readonly run: Deno.ChildProcess;
  /** Lets the task do its last step, and waits for the end of the run. */
  end(): Promise<Result>;
}

/** Starts `run probe.ts`; resolves when all steps of the task `learn` but the last are done. */
export async function startLearning(project: Project, steps = 4): Promise<Learning> {
  project.workflow({
    first: { kind: "command", params: { argv: ["sh", "-c", "echo > out/o"] }, outputs: ["o"] },
    learn: { kind: "learner", params: { steps } },
  });
  const child = project.spawn("run", "probe.ts", "--json");
  const scratch = project.path("store/scratch");
  const waiting = () =>
    exists(scratch) ? [...Deno.readDirSync(scratch)].map(({ name }) => `${scratch}/${name}`) : [];
  await until(() => waiting().some((folder) => exists(`${folder}/waiting`)), "the task waits");
  return {
    run: child,
    end() {
      for (const folder of waiting()) Deno.writeTextFileSync(`${folder}/go`, "");
      return resultOf(child);
    },
  };
}
