/** What is said of tasks that need more memory than they get. */

import assert from "node:assert/strict";
import type { Costs } from "../../../lib/flow/commands/costs.ts";
import { memoryNotes } from "../../../lib/flow/commands/memory_notes.ts";
import type { ExpandedTask } from "../../../lib/flow/definition/expanded.ts";
import type { TaskCost } from "../../../lib/flow/plan/estimate.ts";

/** The notes on tasks with these costs, in MiB. */
function notesOn(tasks: Record<string, Partial<TaskCost>>, machineMB?: number): string[] {
  const costs = { tasks: new Map(Object.entries(tasks)) } as unknown as Costs;
  const named = [...Object.keys(tasks), "unknown"].map((id) => ({ id }) as ExpandedTask);
  return memoryNotes(named, costs, machineMB);
}

Deno.test("memory that a workflow names is compared with the least that a task works with, and with nothing else", () => {
  const needs = { memoryMB: 600, leastMB: 250 };
  assert.deepEqual(
    notesOn({ a: needs, b: { ...needs, statedMB: 250 }, c: { memoryMB: 600, statedMB: 1 } }),
    [],
  );
  const [note, ...more] = notesOn({
    a: { ...needs, statedMB: 249 },
    b: { ...needs, leastMB: 300, statedMB: 9 },
  });
  assert.match(note, /^b needs at least 315 MB of memory \(1 other task too\), but memoryMB gives it 9.4 MB/);
  assert.match(note, /set memoryMB to 300 or more$/);
  assert.deepEqual(more, []);
});

Deno.test("a machine with less memory than a task needs at the least is named", () => {
  const tasks = { training: { memoryMB: 9000, leastMB: 4000 }, other: { memoryMB: 5000 }, none: {} };
  assert.deepEqual(notesOn(tasks, 5000), []);
  assert.deepEqual(notesOn(tasks), []);
  const [note] = notesOn(tasks, 4500);
  assert.match(
    note,
    /^other needs at least 5.2 GB of memory, but this machine has 4.7 GB: it is likely to be ended/,
  );
  assert.match(notesOn(tasks, 3000)[0], /^other .*\(1 other task too\)/);
});
