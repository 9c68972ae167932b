/** With CUDA a key names the model of GPU and the driver; a change of either is another key, and is noticed at once. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project } from "../cli.ts";

/** A program that says what nvidia-smi says of these GPUs. */
function writeDriver(project: Project, version: string, ...models: string[]): void {
  const listing = models.map((model, i) => `GPU ${i}: ${model} (UUID: GPU-0000000${i}-aaaa)`).join("\n");
  project.write(
    "bin/nvidia-smi",
    `#!/bin/sh\ncase "$1" in -L) echo "${listing}";; *) echo ${version};; esac\n`,
  );
  Deno.chmodSync(project.path("bin/nvidia-smi"), 0o755);
}

Deno.test("with CUDA the key has the model and the driver, and a plan that is remembered is checked against them", () =>
  inProject(async (folder) => {
    const project = folder.withEnvironment({
      PATH: `${folder.path("bin")}:${Deno.env.get("PATH")}`,
      CUDA_VISIBLE_DEVICES: "1",
    });
    project.write("text.txt", "words");
    const inputs = { text: "file:text.txt" };
    project.workflow({ probe: { kind: "probe_sandbox", params: { outside: "/nowhere" }, inputs } });
    const run = async () => outcomes(await project.run("--device", "cuda")).probe;
    writeDriver(project, "550.54", "NVIDIA T4", "NVIDIA T4");
    assert.equal(await run(), "ran");
    assert.equal(await run(), "reused");
    const [{ manifest }] =
      (await project.call("show", "probe.ts", "probe", "--json", "--device", "cuda")).events;
    assert.equal(manifest.runtime.gpu, "NVIDIA T4");
    assert.equal(manifest.runtime.driver, "550.54");
    writeDriver(project, "560.28", "NVIDIA T4", "NVIDIA T4");
    const planned = await project.call("plan", "probe.ts", "--device", "cuda");
    assert.match(planned.out, /run +probe .*runtime driver: "550\.54" → "560\.28"/);
    assert.equal(await run(), "ran");
    writeDriver(project, "560.28", "NVIDIA T4", "NVIDIA H200");
    assert.equal(await run(), "ran", "the other model");
    const both = project.withEnvironment({ ...project.environment, CUDA_VISIBLE_DEVICES: "0,1" });
    const mixed = await both.call("plan", "probe.ts", "--device", "cuda");
    assert.equal(mixed.code, 2);
    assert.match(mixed.err, /different models \(NVIDIA T4, NVIDIA H200\)/);
    assert.equal(outcomes(await project.run()).probe, "ran", "on the CPU nothing of it is in the key");
    const [cpu] = (await project.call("show", "probe.ts", "probe", "--json")).events;
    assert.deepEqual(Object.keys(cpu.manifest.runtime).sort(), ["arch", "deno", "device", "os", "runtime"]);
  }));
