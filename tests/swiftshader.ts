/** Runs a script with WebGPU on SwiftShader, a driver in software that Debian's chromium brings: no GPU is needed. */

import { ok } from "node:assert";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const CHROMIUM = "/usr/lib/chromium";
const DRIVER = `${CHROMIUM}/vk_swiftshader_icd.json`;

/** The environment in which WebGPU takes SwiftShader. */
export const SWIFTSHADER = { VK_ICD_FILENAMES: DRIVER, LD_LIBRARY_PATH: CHROMIUM, XDG_RUNTIME_DIR: "/tmp" };

/** What to ignore tests by; says why. */
export function swiftShaderIsMissing(): boolean {
  if (existsSync(DRIVER)) return false;
  console.warn(`WebGPU is not tested: ${DRIVER} is missing (Debian: apt-get install chromium)`);
  return true;
}

/** What a script prints as JSON: differences from the CPU by name, each over the norm of the CPU's value. */
export async function differencesOnSwiftShader(script: URL): Promise<Record<string, number>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", fileURLToPath(script)],
    env: SWIFTSHADER,
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
