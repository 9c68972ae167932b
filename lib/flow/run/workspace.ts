/** The fresh folder in which an action runs: `in/<input>`, `out/<output>`, and what the engine keeps beside it. */

import { join } from "node:path";
import type { ResolvedInput } from "../plan/resolve.ts";
import type { Engine } from "./engine.ts";

export interface Workspace {
  /** Everything of this attempt is below. */
  readonly folder: string;
  /** The working folder of the process. */
  readonly cwd: string;
  readonly out: string;
  readonly temporary: string;
  readonly logFile: string;
  /** Paths by input name, in the order of the workflow. */
  readonly inputs: Record<string, string[]>;
}

/** Inputs of other tasks are put in place read-only; a source is a link to where the user has it. */
export async function prepareWorkspace(
  { store, inputStore }: Engine,
  label: string,
  inputs: readonly ResolvedInput[],
): Promise<Workspace> {
  const folder = store.workFolder(label);
  const cwd = join(folder, "run");
  const workspace = {
    folder,
    cwd,
    out: join(cwd, "out"),
    temporary: join(folder, "tmp"),
    logFile: join(folder, "log"),
    inputs: {} as Record<string, string[]>,
  };
  for (const path of [cwd, workspace.out, workspace.temporary]) Deno.mkdirSync(path);
  if (inputs.length > 0) Deno.mkdirSync(join(cwd, "in"));
  for (const input of inputs) {
    const path = input.label === undefined
      ? join(cwd, "in", input.name)
      : join(cwd, "in", input.name, input.label);
    const paths = (workspace.inputs[input.name] ??= []);
    if (input.label !== undefined && paths.length === 0) Deno.mkdirSync(join(cwd, "in", input.name));
    paths.push(path);
    if (input.from === "source") {
      Deno.symlinkSync(input.source.path, path, { type: input.source.kind === "file" ? "file" : "dir" });
      continue;
    }
    const artifact = inputStore.artifact(input.output);
    if (!artifact) {
      throw new Error(`${input.task}: its output for ${input.name} is damaged; run again to rebuild it`);
    }
    await inputStore.materialise(artifact, path);
  }
  return workspace;
}
