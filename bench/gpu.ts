/**
 * Shows what GPUs there are and what they do: the devices; how far a training step and masks agree with the CPU; and
 * images a second of a joint training, SAM 2.1 and relevance propagation, on CUDA and WebGPU.
 *
 *     deno run -A bench/gpu.ts [published|small]
 *
 * `published` has the sizes of cub200-sam2 and is the default where nvidia-smi lists a GPU; `small` is for drivers in
 * software, such as SwiftShader of Debian's chromium, which is used where there is no other. It ends within 8 minutes: a
 * case that takes longer than its share is stopped. What is absent is named.
 */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { table } from "../lib/flow/display/table.ts";
import { thisMachine } from "../lib/flow/resources/machine.ts";
import { driverVersion, listedGpus } from "../lib/flow/resources/nvidia_smi.ts";
import { SWIFTSHADER, swiftShaderIsMissing } from "../tests/swiftshader.ts";
import { CASES, type GpuAnswer, type GpuCase } from "./gpu_case.ts";

const WORKER = fileURLToPath(new URL("gpu_worker.ts", import.meta.url));
const RENDERER = "/dev/dri/renderD128";
/** Within 8 minutes; what one case leaves of its share, the later ones have. */
const SECONDS = 450;

const listed = listedGpus() ?? [];
const size = Deno.args.includes("published") || (listed.length > 0 && !Deno.args.includes("small"))
  ? "published"
  : "small";
const isSoftware = listed.length === 0 && !existsSync(RENDERER) && Deno.build.os === "linux";
const environment = isSoftware && !swiftShaderIsMissing() ? SWIFTSHADER : {};

console.log(`sizes: ${size}`);
for (const { id, model, uuid } of listed) {
  console.log(`GPU ${id}: ${model}, ${uuid}, driver ${driverVersion()}`);
}
if (listed.length === 0) console.log("no GPU of NVIDIA: nvidia-smi is absent or lists none");
console.log(`GPUs that may be used (CUDA_VISIBLE_DEVICES): ${thisMachine().gpus.join(", ") || "none"}`);
console.log(
  isSoftware ? "WebGPU: no graphics adapter; a driver in software" : "WebGPU: the system's adapter",
);

const devices = size === "small" ? ["cpu", "cuda", "webgpu"] as const : ["cuda", "webgpu"] as const;
/** Errors that were told. */
const told = new Set<string>();
const begin = performance.now();
const rows: string[][] = [["case", ...devices]];
for (const [row, name] of CASES.entries()) {
  const seconds = () => SECONDS - (performance.now() - begin) / 1000;
  const after = seconds() * (1 - 1 / (CASES.length - row));
  const cells: string[] = [];
  // What compares with the CPU says nothing on the CPU itself.
  for (const [i, device] of devices.entries()) {
    const share = (seconds() - after) / (devices.length - i);
    cells.push(
      device === "cpu" && name.startsWith("parity") ? "–" : await measured({ name, device, size }, share),
    );
  }
  rows.push([name, ...cells]);
  console.log(`${name}: ${cells.map((cell, i) => `${devices[i]} ${cell}`).join("; ")}`);
}
console.log(table(rows).join("\n"));

/** The answer of a process of its own, which is stopped when its time is over. */
async function measured(of: GpuCase, seconds: number): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WORKER, JSON.stringify(of)],
    stdout: "piped",
    stderr: "piped",
    env: { NVIDIA_TF32_OVERRIDE: "0", CUDA_DEVICE_ORDER: "PCI_BUS_ID", ...environment },
  }).spawn();
  let stopped = false;
  const timer = setTimeout(() => (stopped = true, child.kill("SIGKILL")), seconds * 1000);
  const { stdout, stderr } = await child.output();
  clearTimeout(timer);
  if (stopped) return `stopped after ${Math.round(seconds)} s`;
  const text = new TextDecoder().decode(stdout);
  if (text !== "") return (JSON.parse(text) as GpuAnswer).text;
  const lines = new TextDecoder().decode(stderr).split("\n");
  const reason = (lines.find((line) => /Error: /.test(line)) ?? "it gave no answer").replace(
    /^.*?Error: /,
    "",
  );
  if (!told.has(reason)) console.log(`${of.device}: ${reason}`);
  told.add(reason);
  return "absent";
}
