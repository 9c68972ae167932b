/** Rows of the study together in one workflow: what they have in common is downloaded, segmented and cut once. */
import type { WorkflowDefinition } from "protoflow";
import type { StudyRow } from "./rows.ts";
import { studyRow } from "./study_row.ts";
import { together } from "./together.ts";

/** The workflow of some rows of the study, with one report. */
export function studyOf(
  name: string,
  about: string,
  rows: readonly StudyRow[],
): WorkflowDefinition {
  return together(
    { name, about, title: `The study: ${about}` },
    rows.map((row) => ({ row: row.name, workflow: studyRow(row.name), rename: (task) => nameOf(task, row) })),
  );
}

/** The name of a row's task among those of all rows. */
function nameOf(task: string, { name, data, input }: StudyRow): string {
  if (task === "backbone-weights") return task;
  if (task === "data" || task.startsWith("archive-")) return `${data}-${task}`;
  // The files of a method's network are the same for all data sets.
  if (task.startsWith("mask-") && task !== "mask-statistics") return `${input}-${task}`;
  if (["masks", "mask-statistics", "train-views", "test-views"].includes(task)) {
    return `${data}-${input}-${task}`;
  }
  return `${name}-${task}`;
}
