/** Inputs that a workflow leaves to the user: known by what to give for them, and gone once that is given. */
import assert from "node:assert/strict";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";
import { expandDefinition } from "../../../lib/flow/definition/load_workflow.ts";
import { registryOf } from "./expansion.ts";

const reader = defineTask({
  name: "reader",
  about: "reads",
  params: z.strictObject({}),
  inputs: {
    source: { about: "a folder with everything", optional: true },
    images: { about: "images", open: "source" },
    labels: { about: "labels", open: "source" },
    extra: { about: "an extra", open: "extra" },
  },
  outputs: ["o"],
  run() {},
});

async function openFields(inputs: object, set: string[] = []): Promise<string[]> {
  const value = { name: "w", about: "", tasks: { a: { kind: "reader", inputs } } };
  const { open, tasks } = await expandDefinition({ value, modules: [] }, "/f.ts", registryOf(reader), {
    set,
  });
  assert.equal(tasks.length, 1);
  return open.map(({ id, field, about }) => `${id} ${field}: ${about}`);
}

Deno.test("an open input is named with what takes its place, and is no problem of the workflow", async () => {
  const everything = "a a.source: a folder with everything";
  assert.deepEqual(await openFields({}), [everything, everything, "a a.extra: an extra"]);
  const folder = { $folder: "." };
  assert.deepEqual(await openFields({ source: folder, extra: folder }), []);
  assert.deepEqual(await openFields({ images: folder, extra: folder }), [everything]);
  assert.deepEqual(await openFields({}, ["a.source=.", "a.extra=."]), []);
  assert.deepEqual(await openFields({ source: folder, extra: folder }, ["a.source="]), [
    everything,
    everything,
  ]);
});
