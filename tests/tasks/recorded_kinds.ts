/**
 * Copies of all kinds that record their job and do nothing else, in a project of their own: they have the resources,
 * demands, chains and items of the kinds they stand for.
 */

import type { AnyKind } from "../../lib/flow/kind.ts";
import { loadKind } from "../../lib/flow/definition/load_kinds.ts";
import { gpuShare } from "../../lib/flow/key/compute.ts";
import { Store } from "../../lib/flow/store/store.ts";
import type { ActionKey } from "../../lib/flow/store/types.ts";
import { kinds, registry } from "../../tasks/kinds.ts";
import { type Project, type Result, resultOf } from "../flow/cli.ts";

export type KindName = keyof typeof kinds;
export const KINDS = Object.keys(kinds) as KindName[];

/** What a job was given. */
export interface Recorded {
  readonly visible: string;
  readonly tf32?: string;
  readonly order?: string;
  readonly gpus: readonly string[];
  readonly cpu: number;
  readonly device: string;
  /** When it ran. */
  readonly from: number;
  readonly to: number;
}

/** Params of which resources or demands take note. */
const PARAMS: Partial<Record<KindName, object>> = { segment: { method: { name: "sam2" } } };

const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** Params that a kind's resources and demand accept. */
export const paramsOf = (name: KindName): Record<string, unknown> => ({ ...PARAMS[name] });

/** The part of a GPU that a kind's demand names. */
export const shareOf = (name: KindName): Promise<number> =>
  gpuShare({ kind: name, params: paramsOf(name) } as never, registry.demands!);

function textOf(name: KindName, kind: AnyKind): string {
  const { chain } = kind;
  const resources = typeof kind.resources === "function" ? kind.resources(paramsOf(name)) : kind.resources;
  const outputs = Array.isArray(kind.outputs) ? kind.outputs : ["recorded"];
  const [first, ...others] = outputs;
  const way = kind.items
    ? "items: { list: () => [{ id: 'a', files: {} }, { id: 'b', files: {} }, { id: 'c', files: {} }], runItem: record }"
    : `run: record${chain ? `, chain: ${JSON.stringify(chain)}` : ""}`;
  const steps = chain ? `${chain.steps}: z.int().default(1), ${chain.segment}: z.int().default(1),` : "";
  return `import { z } from "zod";
    import { defineTask } from ${module("../../lib/flow/kind.ts")};
    const record = async ({ resources, device, output }) => {
      const from = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { gpus, cpu } = resources;
      const of = (name) => Deno.env.get(name);
      const seen = { visible: of("CUDA_VISIBLE_DEVICES"), tf32: of("NVIDIA_TF32_OVERRIDE"), order: of("CUDA_DEVICE_ORDER"),
        gpus, cpu, device, from, to: Date.now() };
      Deno.writeTextFileSync(output(${JSON.stringify(first)}), JSON.stringify(seen));
      for (const other of ${JSON.stringify(others)}) Deno.writeTextFileSync(output(other), "");
    };
    export default defineTask({
      name: ${JSON.stringify(name)}, about: "record the job",
      params: z.strictObject({ seed: z.int(), ${steps} precision: z.string().optional() }),
      inputs: {}, outputs: ${JSON.stringify(outputs)}, resources: ${JSON.stringify(resources ?? {})},
      permissions: { env: true }, ${way},
    });`;
}

/** Writes the kinds and their command line into a project. */
export async function writeKinds(project: Project): Promise<void> {
  const lines: string[] = [];
  const demands: string[] = [];
  for (const name of KINDS) {
    const file = `${name.replaceAll("-", "_")}.ts`;
    project.write(`kinds/${file}`, textOf(name, await loadKind(name, registry)));
    lines.push(`${JSON.stringify(name)}: () => import("./kinds/${file}"),`);
    const gpu = await shareOf(name);
    if (gpu > 0) {
      demands.push(`${JSON.stringify(name)}: () => Promise.resolve({ default: { gpu: ${gpu} } }),`);
    }
  }
  project.write(
    "main.ts",
    `import { commandLine } from ${module("../../lib/flow/commands/cli.ts")};
    const folder = ${JSON.stringify(new URL("../../", import.meta.url).pathname)};
    const kinds = { ${lines.join("\n")} };
    const demands = { ${demands.join("\n")} };
    const registry = () => Promise.resolve({ folder: new URL("./kinds/", import.meta.url), kinds, demands });
    Deno.exit(await commandLine(Deno.args, { folder, devices: ["cpu", "webgpu", "cuda"], registry }));`,
  );
}

/** Runs the project's own command line. */
export function call(project: Project, ...args: string[]): Promise<Result> {
  const own = (argv: string[]) =>
    argv.map((argument) => argument.endsWith("/tests/flow/main.ts") ? project.path("main.ts") : argument);
  return resultOf(project.spawnBy(own, ...args));
}

/** What the jobs of an action recorded: one, or one for each item. */
export function recordedUnder(project: Project, key: string): Recorded[] {
  const store = Store.open(project.path("store"), "a test");
  try {
    const { outputs } = store.getRecord(key as ActionKey)!;
    const entries = Object.values(outputs).flatMap((output) => store.artifact(output)!.entries);
    const texts = entries.map(({ digest }) => store.bytes.text(digest));
    return texts.filter((text) => text !== "").map((text) => JSON.parse(text));
  } finally {
    store.close();
  }
}
