/** Imports between folders point downward, the engine and the study are apart, and no files import each other. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FLOW_LAYERS, layerOf, LAYERS, TRAINING_LAYERS, upwardImports } from "./layers.ts";
import { productFiles, PROJECT } from "./project_files.ts";
import { parseSource, type SourceFile } from "./source_file.ts";

const isFlow = (path: string) => path.startsWith("lib/flow/");
/** What the engine and the study share. */
const isSystem = (path: string) => path.startsWith("lib/system/");

/** The modules of the engine that files outside of it import. */
const ENGINE_FOR: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["lib/flow/commands"],
  "lib/verbs": [
    "lib/flow/commands",
    "lib/flow/display",
    "lib/flow/errors.ts",
    "lib/flow/failure.ts",
    "lib/flow/user_path.ts",
  ],
  "lib/protoflow.ts": ["lib/flow/definition", "lib/flow/kind.ts"],
  "tasks": ["lib/flow/companion.ts", "lib/flow/kind.ts", "lib/flow/demand.ts", "lib/flow/download"],
};

Deno.test("imports between the folders of lib point downward", () => {
  assert.deepEqual(upwardImports(withoutFlow(productFiles()), LAYERS), []);
});

Deno.test("imports between the folders of lib/flow point downward", () => {
  const files = productFiles().filter((file) => isFlow(file.path));
  const outside = files.flatMap((file) =>
    file.imports.filter((entry) => !isFlow(entry.path) && !isSystem(entry.path))
      .map((entry) => `${file.path} imports ${entry.path}`)
  );
  assert.deepEqual(outside, []);
  const within = files.map((file) => ({
    ...file,
    imports: file.imports.filter((entry) => isFlow(entry.path)),
  }));
  assert.deepEqual(upwardImports(within, FLOW_LAYERS), []);
});

Deno.test("imports between the folders of a training point downward", () => {
  const isTraining = (path: string) => TRAINING_LAYERS.flat().some((room) => path.startsWith(`${room}/`));
  const files = productFiles().filter((file) => isTraining(file.path)).map((file) => ({
    ...file,
    imports: file.imports.filter((entry) => isTraining(entry.path)),
  }));
  assert.ok(files.length > 10);
  assert.deepEqual(upwardImports(files, TRAINING_LAYERS), []);
});

Deno.test("only the task files, the command line and the notation import the engine", () => {
  const wrong = productFiles().filter((file) => !isFlow(file.path)).flatMap((file) => {
    const allowed = ENGINE_FOR[layerOf(file.path, LAYERS).room] ?? [];
    return file.imports.filter(({ path }) =>
      isFlow(path) && !allowed.some((room) => path === room || path.startsWith(`${room}/`))
    ).map((entry) => `${file.path} imports ${entry.path}`);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("docs/architecture.md shows the same layers", () => {
  const page = readFileSync(join(PROJECT, "docs/architecture.md"), "utf8");
  const blocks = [...page.matchAll(/^```\n([^]*?)\n```$/gm)].map(([, block]) =>
    block.split("\n").map((line) => line.split(", "))
  );
  assert.deepEqual(blocks, [LAYERS, FLOW_LAYERS]);
});

Deno.test("no files import each other in a circle", () => {
  assert.deepEqual(circles(productFiles()), []);
});

Deno.test("an upward import, one between siblings and a circle are found", () => {
  const files = [
    parseSource("lib/tensor/a.ts", 'import type { B } from "../nn/b.ts";\nexport const a = 1;\n'),
    parseSource("lib/nn/b.ts", 'export * from "../vision/c.ts";\n'),
    parseSource("lib/vision/c.ts", 'const a = await import("../tensor/a.ts");\n'),
  ];
  assert.deepEqual(upwardImports(files, LAYERS), [
    "lib/tensor/a.ts:1 imports lib/nn/b.ts",
    "lib/nn/b.ts:1 imports lib/vision/c.ts",
  ]);
  assert.deepEqual(circles(files), ["lib/tensor/a.ts > lib/nn/b.ts > lib/vision/c.ts > lib/tensor/a.ts"]);
});

function withoutFlow(files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => !isFlow(file.path)).map((file) => ({
    ...file,
    imports: file.imports.filter((entry) => !isFlow(entry.path) && entry.path.endsWith(".ts")),
  }));
}

function circles(files: readonly SourceFile[]): string[] {
  const importsOf = new Map(files.map((file) => [file.path, file.imports.map((entry) => entry.path)]));
  const done = new Set<string>();
  const found: string[] = [];
  function visit(path: string, above: readonly string[]): void {
    if (above.includes(path)) found.push([...above.slice(above.indexOf(path)), path].join(" > "));
    if (done.has(path) || above.includes(path)) return;
    for (const next of importsOf.get(path) ?? []) visit(next, [...above, path]);
    done.add(path);
  }
  for (const path of importsOf.keys()) visit(path, []);
  return found;
}
