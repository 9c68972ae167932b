/** Trainings on WebGPU: parameters lie in the device's memory, and the figures are those of the CPU. */

import assert from "node:assert/strict";
import { differencesOnSwiftShader, swiftShaderIsMissing } from "../../../swiftshader.ts";

Deno.test({
  name: "a joint phase and a fine-tune phase on WebGPU agree with the CPU",
  ignore: swiftShaderIsMissing(),
  async fn() {
    const differences = await differencesOnSwiftShader(new URL("./webgpu_worker.ts", import.meta.url));
    const names = Object.keys(differences);
    for (const name of ["joint loss", "fine_tune loss", "fine_tune last_layer.weight"]) {
      assert.ok(names.includes(name), `${name} was not compared`);
    }
    for (const [name, difference] of Object.entries(differences)) {
      assert.ok(difference <= 1e-2, `${name} differs by ${difference} of its norm`);
      if (name.endsWith(" loss")) assert.ok(difference <= 1e-4, `${name} differs by ${difference}`);
    }
  },
});
