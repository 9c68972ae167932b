/** Running a task again beside the store, and comparing with what is kept: bit for bit, or within the kind's tolerance. */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { FlowError } from "../errors.ts";
import type { Tolerance } from "../kind.ts";
import type { ResolvedTask } from "../plan/resolve.ts";
import { Cleaning } from "../run/engine.ts";
import { thisMachine } from "../run/machine.ts";
import { ResourceQueue } from "../run/resource_queue.ts";
import { ResourcePool } from "../run/resources.ts";
import { runTask } from "../run/task.ts";
import { Store } from "../store/store.ts";
import type { ActionRecord } from "../store/types.ts";
import { compareWithin } from "./compare_figures.ts";
import type { Session } from "./session.ts";

/** What differs, one line a file; empty when the task gives the same again. */
export async function rebuildTask(
  session: Session,
  resolved: ResolvedTask,
  kept: ActionRecord,
): Promise<string[]> {
  const { store, history, device, runtime, kindFolder } = session;
  const folder = store.workFolder("rebuild");
  // A store of its own: nothing that is kept, neither states nor items, can be taken for the result.
  const fresh = Store.open(join(folder, "store"), "rebuild");
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    const engine = {
      store: fresh,
      inputStore: store,
      queue: new ResourceQueue(new ResourcePool({ ...thisMachine(), cpu: availableParallelism() })),
      history,
      observer: {},
      signal: abort.signal,
      device,
      runtime,
      kindFolder,
      run: "rebuild",
      cleaning: new Cleaning(),
    };
    const result = await runTask(engine, resolved, "verify --rebuild");
    await engine.cleaning.done();
    if (result.result === "failed") {
      throw new FlowError(
        "rebuild-failed",
        `${resolved.task.id} failed when it was run again: ${result.reason}`,
      );
    }
    if (result.result === "drifted") {
      throw new FlowError("source-changing", `${result.paths.join(", ")} changed meanwhile`);
    }
    if (result.result === "interrupted") throw new FlowError("interrupted", "interrupted");
    const { tolerance = {} } = await resolved.kind.load();
    return Object.keys(kept.outputs).flatMap((name) =>
      compareOutput(name, tolerance[name], [store, kept], [fresh, result.record])
    );
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
    fresh.close();
    await store.removeFolder(folder);
  }
}

type Side = readonly [Store, ActionRecord];

function compareOutput(name: string, tolerance: Tolerance | undefined, before: Side, now: Side): string[] {
  if (before[1].outputs[name].digest === now[1].outputs[name].digest) return [];
  const [old, fresh] = [before, now].map(([store, record]) =>
    new Map(store.artifact(record.outputs[name])?.entries.map((entry) => [entry.path, entry]))
  );
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((path) => {
    const title = path === "" ? `output ${name}` : `output ${name}, file ${path}`;
    const [a, b] = [old.get(path), fresh.get(path)];
    if (!a || !b) return [`${title} is only in the ${a ? "kept" : "new"} result`];
    if (a.digest === b.digest) return [];
    if (!tolerance) return [`${title} differs: ${a.digest.slice(0, 16)} kept, ${b.digest.slice(0, 16)} new`];
    const texts = [before[0].getText(a.digest), now[0].getText(b.digest)] as const;
    const problem = compareWithin(texts[0] ?? "", texts[1] ?? "", tolerance);
    return problem === undefined ? [] : [`${title} differs: ${problem}`];
  });
}
