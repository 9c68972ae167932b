/** The curves of a task: the numbers in the lines of JSON that its kind writes as it goes on. */

import { dirname, join } from "node:path";
import { FlowError } from "../errors.ts";
import type { CurvesDeclaration } from "../kind.ts";
import { own } from "../own.ts";
import { makeFolder } from "../store/layout.ts";
import { writeWhole } from "../store/plain_file.ts";
import type { Store } from "../store/store.ts";
import type { ActionRecord } from "../store/types.ts";
import { type CurvePoint, eventFile } from "./event_file.ts";

export type CurveFormat = "csv" | "tensorboard";

/**
 * Writes the curves of a result to a new file of the folder.
 *
 * @param id of the task; its folder is called so, and with it the run in TensorBoard
 * @returns the path of the file
 * @throws FlowError no-curves, exists
 */
export function writeCurves(
  store: Store,
  { id, record, declared }: { id: string; record: ActionRecord; declared: CurvesDeclaration | undefined },
  folder: string,
  format: CurveFormat,
): string {
  const file = declared && own(record.outputs, declared.output)?.file;
  if (!file) {
    throw new FlowError("no-curves", `${id} is of kind ${record.manifest.kind}, which writes no curves`);
  }
  const points = pointsOf(store.getText(file.digest) ?? "", declared.step);
  const path = join(folder, id, format === "csv" ? "curves.csv" : "events.out.tfevents.0.protoflow");
  const seconds = Date.parse(record.facts.started) / 1000;
  makeFolder(dirname(path));
  try {
    const bytes = format === "csv" ? new TextEncoder().encode(csv(points)) : eventFile(points, seconds);
    writeWhole(path, bytes, { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new FlowError(
      "exists",
      `${path} is already there; nothing was overwritten: name another folder or remove it`,
    );
  }
  return path;
}

/** All numbers of all lines, each a curve by its place in the line. */
function pointsOf(text: string, stepField: string): CurvePoint[] {
  return text.split("\n").filter((line) => line !== "").flatMap((line) => {
    const { [stepField]: step, ...rest } = JSON.parse(line);
    return [...numbersIn(rest, "")].map(([tag, value]) => ({ tag, step: Number(step), value }));
  });
}

function* numbersIn(value: unknown, tag: string): Generator<[string, number]> {
  if (typeof value === "number") yield [tag, value];
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    yield* numbersIn(part, tag === "" ? name : `${tag}/${name}`);
  }
}

/** A line for each step, a column for each curve. */
function csv(points: readonly CurvePoint[]): string {
  const tags = [...new Set(points.map(({ tag }) => tag))];
  const steps = new Map<number, Map<string, number>>();
  for (const { tag, step, value } of points) {
    if (!steps.has(step)) steps.set(step, new Map());
    steps.get(step)!.set(tag, value);
  }
  const lines = [...steps].map(([step, values]) =>
    [step, ...tags.map((tag) => values.get(tag) ?? "")].join(",")
  );
  return [["step", ...tags].join(","), ...lines, ""].join("\n");
}
