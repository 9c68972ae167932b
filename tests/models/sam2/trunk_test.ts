/** SAM 2's trunk beside a plain computation of Hiera's blocks, with windows that no published size has. */

import { ok, throws } from "node:assert";
import type { Sam2Configuration } from "../../../lib/models/sam2/configurations.ts";
import { programParameters, stateInputs } from "../../../lib/models/sam2/programs.ts";
import { trunk } from "../../../lib/models/sam2/trunk.ts";
import { trunkBlocks } from "../../../lib/models/sam2/trunk_blocks.ts";
import { openSession } from "../../../lib/runtime/session.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { float32 } from "../../../lib/tensor/host_tensor.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { generatedWeights, SMALL } from "./generated_model.ts";
import { plainBlock, type PlainMap } from "./plain_hiera_block.ts";

function trunkProgram(configuration: Sam2Configuration) {
  const { imageSize } = configuration;
  const image = input("image", "float32", [1, 3, imageSize, imageSize]);
  const { blocks } = trunk(image, configuration, stateInputs(configuration));
  return program(Object.fromEntries(blocks.map((block, i) => [`${i}`, block])));
}

/** The result of every block. */
async function blocksOf(configuration: Sam2Configuration): Promise<PlainMap[]> {
  const parameters = programParameters(generatedWeights(configuration));
  const session = await openSession(trunkProgram(configuration));
  try {
    const { imageSize } = configuration;
    const image = float32([1, 3, imageSize, imageSize], new Float32Array(3 * imageSize ** 2));
    new RandomStream({ seed: 3, purpose: "image" }).fillUniform(image.data as Float32Array, -2, 2);
    const weights = [...session.program.inputs.keys()].filter((name) => name !== "image")
      .map((name) => [name, parameters.get(name)!] as const);
    const results = await session.run({ image, ...Object.fromEntries(weights) });
    return trunkBlocks(configuration).map((_, i) => {
      const { shape: [, height, width, channels], data } = results[`${i}`];
      return { height, width, channels, data: Float64Array.from(data as Float32Array) };
    });
  } finally {
    await session.release();
  }
}

// Maps of 32, 16, 8 and 4 tokens a side. Blocks 1, 3 and 5 open a stage with the window of the stage before.
const WINDOWS: Record<string, Partial<Sam2Configuration>> = {
  "odd ones, pooled 7 → 3 on the map of 4, which 2 × 2 of them cover, padded to 6": { windows: [8, 4, 7, 3] },
  "odd ones, pooled 5 → 2 on the map of 8": { windows: [8, 5, 6, 3] },
  "even ones that are padded before and after pooling": { windows: [8, 6, 6, 3] },
  "one as large as the map, and one larger": { windows: [32, 4, 14, 7] },
  "an image of 96": { imageSize: 96, windows: [8, 4, 14, 7] },
  "only one pooled stage": { windows: [8, 5, 3, 7], pooledStages: 1 },
};

for (const [name, change] of Object.entries(WINDOWS)) {
  Deno.test(`trunk with windows that the published sizes lack: ${name}`, async () => {
    const configuration: Sam2Configuration = { ...SMALL, channels: 8, globalBlocks: [4], ...change };
    const weights = generatedWeights(configuration);
    const results = await blocksOf(configuration);
    for (const [i, block] of trunkBlocks(configuration).entries()) {
      if (i === 0) continue;
      const expected = plainBlock(results[i - 1], block, weights);
      const got = results[i];
      ok(got.height === expected.height && got.width === expected.width, `${block.name}: its size`);
      const most = got.data.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - expected.data[at])),
        0,
      );
      ok(most < 1e-4, `${block.name} differs by ${most}`);
    }
  });
}

Deno.test("windows that pooling leaves too small for the map are refused with their numbers", () => {
  const build = (change: Partial<Sam2Configuration>) => () => trunkProgram({ ...SMALL, ...change });
  throws(
    build({ windows: [8, 3, 6, 3] }),
    /blocks\.3.*6 windows of 3 cover 16 tokens, but pooled to 1, 8 of them cover 8; choose/,
  );
  throws(build({ windows: [6, 4, 6, 3] }), /the map of patches is 32 × 32; expected a multiple of .* 6/);
});
