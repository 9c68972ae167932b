/** The runtime identity of kinds, and what the processor says of itself. */

import assert from "node:assert/strict";
import { runtimeIdentity } from "../../../lib/flow/key/runtime.ts";
import { vectorClass, vectorInstructions } from "../../../lib/flow/key/vector_instructions.ts";

const asked = { device: "cpu", runtime: "ort" };
const { os, arch } = Deno.build;

Deno.test("a program is bound to the system, a kind also to Deno, device and runtime", () => {
  assert.deepEqual(runtimeIdentity({ isProgram: true, isNative: false }, asked), { os, arch });
  const plain = { os, arch, deno: Deno.version.deno, ...asked };
  assert.deepEqual(runtimeIdentity({ isProgram: false, isNative: false }, asked), plain);
});

Deno.test("a kind that may load native libraries is bound to the vector instructions", () => {
  const { vectors } = runtimeIdentity({ isProgram: false, isNative: true }, asked);
  assert.equal(vectors, vectorInstructions());
  assert.ok(["avx512", "avx2", "other", arch].includes(vectors));
});

Deno.test("the class of vector instructions is read from the flags of the first processor", () => {
  const facts = (flags: string) => `processor\t: 0\nflags\t\t: ${flags}\nbugs\t\t: none\n`;
  assert.equal(vectorClass(facts("fpu sse2 avx avx2 avx512f avx512vl")), "avx512");
  assert.equal(vectorClass(facts("fpu sse2 avx avx2 avx_vnni")), "avx2");
  assert.equal(vectorClass(facts("fpu sse2 avx")), "other");
  assert.equal(vectorClass("processor\t: 0\nFeatures\t: fp asimd\n"), arch);
  assert.equal(vectorClass(""), arch);
});
