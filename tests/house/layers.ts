/** The order of layers, from the top down: a file imports from its own folder and from layers below. */
import { dirname } from "node:path";
import type { SourceFile } from "./source_file.ts";

/** Folders (and loose files) of the product; those of one line know nothing of each other. */
export const LAYERS: readonly (readonly string[])[] = [
  ["main.ts", "workflows"],
  ["lib/protoflow.ts"],
  ["lib/verbs"],
  ["tasks"],
  ["lib/export", "lib/predict"],
  ["lib/report"],
  ["lib/evaluate"],
  ["lib/explain", "lib/segment"],
  ["lib/models"],
  ["lib/metrics"],
  ["lib/data"],
  ["lib/nn", "lib/tuning", "lib/vision"],
  ["lib/runtime"],
  ["lib/fidelity.ts", "lib/json", "lib/tensor"],
  ["lib/system"],
];

/** Folders of the workflow engine; `lib/flow/*` is the files that lie in `lib/flow` itself. */
export const FLOW_LAYERS: readonly (readonly string[])[] = [
  ["lib/flow/commands"],
  ["lib/flow/run"],
  ["lib/flow/slurm"],
  ["lib/flow/executor"],
  ["lib/flow/plan", "lib/flow/watch"],
  ["lib/flow/history", "lib/flow/snapshot", "lib/flow/trace"],
  ["lib/flow/isolation", "lib/flow/key"],
  ["lib/flow/definition", "lib/flow/download", "lib/flow/fingerprint", "lib/flow/process"],
  ["lib/flow/display", "lib/flow/job", "lib/flow/resources"],
  ["lib/flow/events.ts"],
  ["lib/flow/remote"],
  ["lib/flow/store"],
  ["lib/flow/*"],
];

/** Folders of a training, read from the params of a phase down to its state. */
export const TRAINING_LAYERS: readonly (readonly string[])[] = [
  ["lib/models/training/phase", "lib/models/projection"],
  ["lib/models/training/loop"],
  ["lib/models/training/step"],
  ["lib/models/training/state"],
];

/** The layer of a file: its index in `layers`, and the folder there that holds it. */
export function layerOf(
  path: string,
  layers: readonly (readonly string[])[],
): { index: number; room: string } {
  for (const [index, rooms] of layers.entries()) {
    const room = rooms.find((room) =>
      [path, dirname(path) + "/*"].includes(room) || path.startsWith(`${room}/`)
    );
    if (room !== undefined) return { index, room };
  }
  throw new Error(`${path} belongs to no layer: name its folder in tests/house/layers.ts`);
}

/** Imports from one room into another of the same line or a higher one, as "file:line imports file". */
export function upwardImports(
  files: readonly SourceFile[],
  layers: readonly (readonly string[])[],
): string[] {
  return files.flatMap((file) =>
    file.imports.filter((entry) => {
      const from = layerOf(file.path, layers);
      const to = layerOf(entry.path, layers);
      return from.room !== to.room && to.index <= from.index;
    }).map((entry) => `${file.path}:${entry.line} imports ${entry.path}`)
  );
}
