/** Values that are part of a session, or lent to its runs: the same bits as values that every run is given. */

import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from "node:assert";
import { decodingProgram, embeddingProgram, programParameters } from "../../lib/models/sam2/programs.ts";
import { FeedError } from "../../lib/runtime/errors.ts";
import { openLoan } from "../../lib/runtime/open_resident.ts";
import { openSession } from "../../lib/runtime/session.ts";
import type { SessionOptions } from "../../lib/runtime/session_options.ts";
import { type Program, program } from "../../lib/tensor/graph.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { mul } from "../../lib/tensor/ops/arithmetic.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { differencesOnSwiftShader, swiftShaderIsMissing } from "../swiftshader.ts";
import { generatedWeights, SMALL } from "../models/sam2/generated_model.ts";

const WEIGHTS = programParameters(generatedWeights(SMALL));

/** Random values of the inputs that are not weights. */
function otherInputs({ inputs, values }: Program): Record<string, HostTensor> {
  const others = [...inputs].filter(([name]) => !WEIGHTS.has(name));
  return Object.fromEntries(others.map(([name, number]) => {
    const { dtype, shape } = values[number];
    if (dtype === "int64") return [name, int64(shape, new Array<number>(elementCount(shape)).fill(1))];
    const data = new Float32Array(elementCount(shape));
    new RandomStream({ seed: 3, purpose: name }).fillUniform(data, -1, 1);
    return [name, float32(shape, data)];
  }));
}

const PROGRAMS: Record<string, Program> = {
  encoder: embeddingProgram(SMALL),
  decoder: decodingProgram(SMALL, { batch: 8, points: 1, masks: false, chosen: [1, 2, 3] }),
};

for (const [name, built] of Object.entries(PROGRAMS)) {
  for (const threads of [1, 2]) {
    Deno.test(`SAM 2's ${name} with ${threads} threads: constants and loans change no bit`, async () => {
      const options = { threads };
      const others = otherInputs(built);
      const weights = Object.fromEntries([...WEIGHTS].filter(([name]) => built.inputs.has(name)));
      const [fed, fixed] = [await openSession(built, options), await openSession(built, options, WEIGHTS)];
      const expected = await fed.run({ ...others, ...weights });
      const { loan, release } = await openLoan(WEIGHTS, options);
      for (const results of [await fixed.run(others), await fixed.run(others), await fed.run(others, loan)]) {
        deepStrictEqual(results, expected);
      }
      strictEqual(fixed.digest, fed.digest, "the digest is that of the program");
      await release();
      await Promise.all([fed.release(), fixed.release()]);
    });
  }
}

Deno.test("sessions with other constants are others, and constants can't be given", async () => {
  const doubled = program({ y: mul(input("x", "float32", [2]), input("weight", "float32", [1])) });
  const x = float32([2], [1, 2]);
  const of = (value: number) => new Map([["weight", float32([1], [value])], ["unread", x]]);
  for (const options of [{}, { runtime: "tfjs" }] satisfies SessionOptions[]) {
    const [two, three] = await Promise.all([
      openSession(doubled, options, of(2)),
      openSession(doubled, options, of(3)),
    ]);
    notStrictEqual(two, three);
    deepStrictEqual([...(await two.run({ x })).y.data as Float32Array], [2, 4]);
    deepStrictEqual([...(await three.run({ x })).y.data as Float32Array], [3, 6]);
    await rejects(() => two.run({ x, weight: float32([1], [5]) }), FeedError);
    await Promise.all([two.release(), three.release()]);
  }
  await rejects(
    () => openSession(doubled, {}, new Map([["weight", x]])),
    (error) =>
      error instanceof FeedError && /"weight" must be float32\[1\], but float32\[2\]/.test(error.message),
  );
});

Deno.test({
  name: "constants and shared values on WebGPU: lent to several programs, until others replace them",
  ignore: swiftShaderIsMissing(),
  async fn() {
    const differences = await differencesOnSwiftShader(new URL("./lent_webgpu_worker.ts", import.meta.url));
    strictEqual(Object.keys(differences).length, 6);
    for (const [name, difference] of Object.entries(differences)) {
      strictEqual(difference <= 1e-6, true, `${name} differs by ${difference} of its norm`);
    }
  },
});
