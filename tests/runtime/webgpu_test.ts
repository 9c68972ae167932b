/** Training on WebGPU, by SwiftShader where Debian's chromium brings it: no GPU is needed. */

import { strictEqual } from "node:assert";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CHROMIUM = "/usr/lib/chromium";
const DRIVER = `${CHROMIUM}/vk_swiftshader_icd.json`;
const missing = !existsSync(DRIVER);
if (missing) console.warn(`WebGPU is not tested: ${DRIVER} is missing (Debian: apt-get install chromium)`);

Deno.test({
  name: "a training step on WebGPU agrees with the CPU",
  ignore: missing,
  async fn() {
    const worker = fileURLToPath(new URL("./webgpu_worker.ts", import.meta.url));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", worker],
      env: { VK_ICD_FILENAMES: DRIVER, LD_LIBRARY_PATH: CHROMIUM, XDG_RUNTIME_DIR: "/tmp" },
    }).output();
    const errors = new TextDecoder().decode(stderr);
    strictEqual(success, true, errors);
    const differences: Record<string, number> = JSON.parse(new TextDecoder().decode(stdout));
    strictEqual(Object.keys(differences).length > 30, true, "too few tensors were compared");
    for (const [name, difference] of Object.entries(differences)) {
      strictEqual(difference <= 1e-4, true, `${name} differs by ${difference} of its norm`);
    }
  },
});
