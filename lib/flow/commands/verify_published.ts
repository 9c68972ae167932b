/** `verify --published`: how the figures of a workflow's results compare with published ones. */

import { z } from "zod";
import { loadKind } from "../definition/load_kinds.ts";
import { oneLine } from "../display/printable.ts";
import { print, printJson } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import type { PublishedDeclaration } from "../kind.ts";
import { type PlannedTask, planTasks } from "../plan/plan.ts";
import type { Store } from "../store/store.ts";
import { fetchOutputs } from "./fetched.ts";
import { type CommonOptions, kindsOf, openWorkflow, type Project } from "./open_workflow.ts";

const VERDICTS = ["reproduced", "differs", "not run", "unknown"] as const;

const fileSchema = z.object({
  cells: z.array(z.object({
    row: z.string(),
    column: z.string(),
    verdict: z.enum(VERDICTS),
    ours: z.string().optional(),
    published: z.string().optional(),
    deviation: z.number().optional(),
  })),
});

type Cell = z.output<typeof fileSchema>["cells"][number];

/**
 * Prints the comparison that the results of a workflow hold.
 *
 * @returns whether no figure differs
 * @throws FlowError no-published where no task compares its figures, not-run where one has no result yet, …
 */
export async function verifyPublished(
  project: Project,
  workflowName: string,
  options: CommonOptions,
): Promise<boolean> {
  const { store, workflow, tasks, resolver, history, shared } = await openWorkflow(
    project,
    workflowName,
    [],
    options,
  );
  try {
    await store.beginUse();
    const registry = await kindsOf(project, workflow.file);
    const planned = await planTasks(tasks, resolver, history);
    const cells: (Cell & { id: string })[] = [];
    let comparing = 0;
    for (const action of planned) {
      const { id, kind } = action.task;
      const { published } = await loadKind(kind, registry);
      if (!published) continue;
      comparing++;
      if (action.state === "kept") {
        await fetchOutputs(shared, id, [action.record.outputs[published.output]]);
      }
      cells.push(...cellsOf(action, published, store).map((cell) => ({ id, ...cell })));
    }
    if (comparing === 0) {
      throw new FlowError(
        "no-published",
        `no task of ${workflowName} compares its figures with published ones`,
      );
    }
    if (options.json) printJson(...cells.map((cell) => ({ event: "published", ...cell })));
    else print(...lines(cells), counts(cells));
    return cells.every(({ verdict }) => verdict !== "differs");
  } finally {
    store.close();
  }
}

function cellsOf(action: PlannedTask, { output, file }: PublishedDeclaration, store: Store): Cell[] {
  const { id } = action.task;
  if (action.state !== "kept") {
    throw new FlowError("not-run", `${id} has no cached result to compare; run it first`);
  }
  const entry = store.artifact(action.record.outputs[output])?.entries.find(({ path }) => path === file);
  if (!entry) return [];
  return readCells(() => store.bytes.text(entry.digest), `${file} of ${id}.${output}`);
}

/** @param name of the file, for errors */
function readCells(read: () => string, name: string): Cell[] {
  try {
    return fileSchema.parse(JSON.parse(read())).cells;
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new FlowError("bad-published", `${name} is not a comparison: ${reason}`);
  }
}

/** One line a cell, in columns. */
function lines(cells: readonly Cell[]): string[] {
  const texts = cells.map(({ row, column, ours, published, deviation, verdict }) => [
    row,
    column,
    ours ?? "–",
    published ?? "–",
    deviation === undefined ? "" : `${deviation < 0 ? "−" : "+"}${Math.abs(deviation).toFixed(2)} σ`,
    verdict,
  ]);
  const all = [["row", "figure", "ours", "published", "difference", "verdict"], ...texts];
  const widths = all[0].map((_, i) => Math.max(...all.map((line) => line[i].length)));
  return all.map((line) => oneLine(line.map((text, i) => text.padEnd(widths[i])).join("  ").trimEnd()));
}

function counts(cells: readonly Cell[]): string {
  const told = VERDICTS.map((verdict) =>
    `${cells.filter((cell) => cell.verdict === verdict).length} ${verdict}`
  );
  return `${told.join(", ")}: ${cells.length} published ${cells.length === 1 ? "figure" : "figures"}`;
}
