/** A training step on WebGPU. */

import { strictEqual } from "node:assert";
import { differencesOnSwiftShader, swiftShaderIsMissing } from "../swiftshader.ts";

Deno.test({
  name: "a training step on WebGPU agrees with the CPU",
  ignore: swiftShaderIsMissing(),
  async fn() {
    const differences = await differencesOnSwiftShader(new URL("./webgpu_worker.ts", import.meta.url));
    strictEqual(Object.keys(differences).length > 30, true, "too few tensors were compared");
    for (const [name, difference] of Object.entries(differences)) {
      strictEqual(difference <= 1e-4, true, `${name} differs by ${difference} of its norm`);
    }
  },
});
