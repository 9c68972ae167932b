/** Nothing in lib is there for tests alone: each export is used by the command line, a kind, a workflow or a program of its own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { productFiles, PROJECT } from "./project_files.ts";
import { parseSource, type SourceFile } from "./source_file.ts";

/**
 * An operation of the tensor program that none of our models has. Its module is in the code of the kinds that segment, and so in
 * the keys of masks, which take long to make.
 */
const FOR_MODELS = "an operation with its gradient, for models of one's own";
/** The same reason: without it, a module of the code of the kinds that segment would have other imports. */
const KEYS_OF_MASKS = "its removal would change the keys of masks";

/** Exports that tests alone reach, those of the conformance suites included, each with the reason why it stays. */
const ALLOWED: Readonly<Record<string, string>> = {
  "lib/flow/bundle.ts stopBundler": "a program ends with the bundler; tests of one process must end it",
  "lib/flow/commands/cli.ts parseCall": "reads the commands in README and docs without making the calls",
  "lib/flow/job/kind_process.ts runJobFile": "called by the text of the program that runs a job",
  "lib/models/keras_resnet.ts kerasInput": "the input for which the published weights give known classes",
  "lib/models/models.ts ModelName": "a type, for benchmarks and tests that go over the models",
  "lib/models/own_model.ts addOwnModel":
    "called by the engine, and by the text of the program that runs a job",
  "lib/report/published/published_figures.ts PUBLISHED_ROWS": "compared with the rows of the workflows",
  "lib/segment/mask_driver.ts arrangeMasks": KEYS_OF_MASKS,
  "lib/tensor/interpret.ts": "computes a program op by op, to compare the runtimes with",
  "lib/tensor/op.ts definedOps": "all ops, so that a test finds one without a kernel or a gradient",
  "lib/tensor/ops/arithmetic.ts minimum": FOR_MODELS,
  "lib/tensor/ops/gather.ts padFrom": FOR_MODELS,
  "lib/tensor/ops/pool.ts avgPool2d": FOR_MODELS,
  "lib/tensor/ops/reduce.ts amin": FOR_MODELS,
  "lib/tensor/ops/reduce.ts prod": FOR_MODELS,
  "lib/tensor/ops/softmax.ts attention": FOR_MODELS,
  "lib/tensor/ops/softmax.ts logSumExp": FOR_MODELS,
  "lib/vision/color/lab.ts rgbOfLab": KEYS_OF_MASKS,
  "lib/vision/masks/crop.ts uncropMask": KEYS_OF_MASKS,
  "lib/vision/normalize.ts normalize": KEYS_OF_MASKS,
};

Deno.test("every export of lib is reached by the product", () => {
  const text = (path: string) => Deno.readTextFileSync(join(PROJECT, path));
  assert.deepEqual(unreached(productFiles(), text), Object.keys(ALLOWED).sort());
});

Deno.test("files and exports that nothing reaches are found, also those that only an unreached file uses", () => {
  const texts: Record<string, string> = {
    "main.ts":
      'import { used } from "./lib/a.ts";\nused();\nnew Worker(new URL("./lib/worker.ts", import.meta.url));\n',
    "lib/a.ts":
      'export function used() { return inFile; }\nexport const inFile = 1;\nexport const idle = "idle";\n',
    "lib/worker.ts": 'import type { Shape } from "./b.ts";\nexport type Alias = Shape;\n',
    "lib/b.ts": "export interface Shape {}\nexport function forTests() {}\n",
    "lib/c.ts": 'import { inFile } from "./a.ts";\nexport const orphan = inFile;\n',
    "lib/program.ts": 'import { all } from "./d.ts";\nif (import.meta.main) all();\n',
    "lib/d.ts": "export function all() {}\n",
  };
  const files = Object.entries(texts).map(([path, text]) => parseSource(path, text));
  assert.deepEqual(unreached(files, (path) => texts[path]), [
    "lib/a.ts idle",
    "lib/b.ts forTests",
    "lib/c.ts",
    "lib/worker.ts Alias",
  ]);
});

/**
 * Files of lib that no program reaches, and exports of the others that no reached file imports and their own file does
 * not use.
 */
function unreached(files: readonly SourceFile[], textOf: (path: string) => string): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const texts = new Map(
    files.map(({ path }) => [path, textOf(path).replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")]),
  );
  const reached = new Set<string>();
  const used = new Set<string>();
  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (!file || reached.has(path)) return;
    reached.add(path);
    for (const { path: imported, names } of file.imports) {
      for (const name of names) used.add(`${imported} ${name}`);
      visit(imported);
    }
    // Workers and programs that are started, and folders of kinds.
    for (const [, named] of texts.get(path)!.matchAll(/new URL\(\s*"([^"]+\.ts)"/g)) {
      visit(join(path, "..", named));
    }
  };
  for (const { path } of files) {
    if (!path.startsWith("lib/") || path === "lib/protoflow.ts") visit(path);
    else if (texts.get(path)!.includes("import.meta.main")) visit(path);
  }
  return files.filter(({ path }) => path.startsWith("lib/") && path !== "lib/protoflow.ts").flatMap(
    (file) => {
      if (!reached.has(file.path)) return [file.path];
      // Names in texts do not use what they name.
      const text = texts.get(file.path)!.replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
      return file.exports
        .filter(({ name }) => !used.has(`${file.path} ${name}`) && !used.has(`${file.path} *`))
        .filter(({ name }) => name !== "default" && text.match(new RegExp(`\\b${name}\\b`, "g"))!.length < 2)
        .map(({ name }) => `${file.path} ${name}`);
    },
  ).sort();
}
