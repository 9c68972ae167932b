/** `diff`: compares two runs: inputs, outputs, and figures in JSON outputs. */

import { differences } from "../plan/explain.ts";
import { readRun, runIdOf, runKeys } from "../history/runs.ts";
import type { Store } from "../store/store.ts";
import type { ActionRecord, OutputRef } from "../store/types.ts";
import { table } from "../display/table.ts";
import { own } from "../own.ts";
import { print, printJson } from "../display/terminal.ts";
import { type CommonOptions, openStore, type Project } from "./open_workflow.ts";

/** Larger outputs are not looked into for figures. */
const MOST_FIGURE_BYTES = 1_000_000;

interface TaskDifference {
  readonly id: string;
  readonly only?: "first" | "second";
  readonly reasons: readonly string[];
  /** Digests of the outputs that differ. */
  readonly outputs: Readonly<Record<string, readonly [string, string]>>;
  readonly figures: Readonly<Record<string, readonly [number | undefined, number | undefined]>>;
}

export function diffCommand(
  project: Project,
  first: string,
  second: string,
  options: CommonOptions,
): number {
  const store = openStore(project, options);
  try {
    const [a, b] = [runIdOf(store.folder, first), runIdOf(store.folder, second)];
    const [old, fresh] = [a, b].map((id) => runKeys(store.folder, readRun(store.folder, id)!));
    const ids = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort();
    const found = ids.filter((id) => own(old, id) !== own(fresh, id)).map((id): TaskDifference => {
      const [before, now] = [own(old, id), own(fresh, id)];
      if (!before || !now) {
        return { id, only: before ? "first" : "second", reasons: [], outputs: {}, figures: {} };
      }
      return compare(id, store, store.getRecord(before), store.getRecord(now));
    });
    if (options.json) printJson(...found.map((difference) => ({ event: "diff", ...difference })));
    else {print(
        ...found.flatMap(describe),
        `${found.length} of ${ids.length} tasks differ between ${a} and ${b}`,
      );}
    return 0;
  } finally {
    store.close();
  }
}

function compare(
  id: string,
  store: Store,
  a: ActionRecord | undefined,
  b: ActionRecord | undefined,
): TaskDifference {
  if (!a || !b) {
    return {
      id,
      reasons: [`the result of the ${a ? "second" : "first"} run is no longer kept`],
      outputs: {},
      figures: {},
    };
  }
  const reasons = differences(a.manifest, b.manifest, { inputName: (input) => input, tree: () => undefined });
  const names = Object.keys(a.outputs).filter((name) =>
    own(b.outputs, name) && a.outputs[name].digest !== b.outputs[name].digest
  );
  const outputs = Object.fromEntries(
    names.map((name) => [name, [a.outputs[name].digest, b.outputs[name].digest] as const]),
  );
  const figures = new Map<string, readonly [number | undefined, number | undefined]>();
  for (const name of names) {
    const [before, now] = [figuresOf(store, a.outputs[name]), figuresOf(store, b.outputs[name])];
    for (const path of new Set([...before.keys(), ...now.keys()])) {
      const pair = [before.get(path), now.get(path)] as const;
      if (pair[0] !== pair[1]) figures.set(path === "" ? name : `${name}.${path}`, pair);
    }
  }
  return { id, reasons, outputs, figures: Object.fromEntries(figures) };
}

/** The numbers in an output that is one JSON file, by dotted path. */
function figuresOf(store: Store, output: OutputRef): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  const visit = (value: unknown, path: string) => {
    if (typeof value === "number") figures.set(path, value);
    else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) visit(inner, path === "" ? name : `${path}.${name}`);
    }
  };
  try {
    if (output.file && output.bytes <= MOST_FIGURE_BYTES) {
      visit(JSON.parse(store.getText(output.file.digest) ?? ""), "");
    }
  } catch {
    // It is not JSON: only its digest is compared.
  }
  return figures;
}

function describe({ id, only, reasons, outputs, figures }: TaskDifference): string[] {
  if (only) return [`${id}  only in the ${only} run`];
  const rows = [
    ...Object.entries(outputs).map(([name, [a, b]]) => [`  output ${name}`, a.slice(0, 16), b.slice(0, 16)]),
    ...Object.entries(figures).map(([name, [a, b]]) => [`  ${name}`, String(a ?? ""), String(b ?? "")]),
  ];
  return [id, ...reasons.map((reason) => `  ${reason}`), ...table(rows)];
}
