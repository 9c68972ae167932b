import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import {
  BGR_MEAN,
  kerasInput,
  publishedKerasResNet,
  readKerasResNet,
} from "../../lib/models/keras_resnet.ts";
import { resNet, resNetSpecs } from "../../lib/models/resnet.ts";
import { below, load, ParameterError, zerosOf } from "../../lib/nn/parameters.ts";
import { float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { linear } from "../../lib/tensor/ops/matmul.ts";
import { mean } from "../../lib/tensor/ops/reduce.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { decodeImage } from "../../lib/vision/decode.ts";
import { image } from "../../lib/vision/image.ts";
import { resizeLinear } from "../../lib/vision/resize/opencv.ts";
import { runProgram } from "../conformance/run_program.ts";
import { sharedFolder } from "../shared.ts";

/** The published weights, where they were fetched. */
function publishedOrUndefined(): string | undefined {
  try {
    return publishedKerasResNet();
  } catch {
    return undefined;
  }
}

const shared = sharedFolder();
const published = publishedOrUndefined();
if (!shared || !published) {
  console.warn("keras_resnet_test: without the sample photos or the published weights");
}

/** Photos, and the five largest logits of each: class and value, from the layers model's own graph in float64. */
const KNOWN: Record<string, [number, number][]> = {
  "005.Lazuli_Bunting/Lazuli_Bunting_0055_15043.jpg": [
    [10, 10.81248],
    [14, 10.11471],
    [85, 9.82727],
    [17, 9.05771],
    [13, 9.00981],
  ],
  "004.Bobolink/Bobolink_0101_9811.jpg": [
    [18, 12.62592],
    [93, 11.74632],
    [21, 11.43377],
    [16, 11.23769],
    [22, 11.03115],
  ],
  "001.Groove_billed_Ani/Groove_Billed_Ani_0085_1612.jpg": [
    [18, 10.87193],
    [912, 9.44239],
    [91, 8.46023],
    [23, 8.35291],
    [15, 7.87487],
  ],
};

/** ImageNet's birds: cock to great grey owl, black grouse to cockatoo, black swan to king penguin and albatross. */
function isBird(label: number): boolean {
  return (label >= 7 && label <= 24) || (label >= 80 && label <= 100) || (label >= 127 && label <= 146);
}

Deno.test("the input is blue first, minus the mean, not scaled", () => {
  const { shape, data } = kerasInput(image(2, 1, "RGB", Uint8Array.of(10, 20, 30, 40, 50, 60)));
  deepStrictEqual(shape, [3, 1, 2]);
  const expected = [
    30 - BGR_MEAN[0],
    60 - BGR_MEAN[0],
    20 - BGR_MEAN[1],
    50 - BGR_MEAN[1],
    10 - BGR_MEAN[2],
    40 - BGR_MEAN[2],
  ];
  deepStrictEqual([...data], expected.map(Math.fround));
  throws(() => kerasInput(image(1, 1, "BGR")), /RGB/);
});

Deno.test("a layers model that is no Keras ResNet is refused by the first weight that it lacks", () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(join(folder, "model.json"), JSON.stringify({ weightsManifest: [] }));
    throws(() => readKerasResNet(join(folder, "model.json")), (error) => {
      ok(error instanceof ParameterError);
      return error.parameter === "conv1/bias";
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "the published weights see birds, with the logits of the layers model's own graph",
  ignore: !shared || !published,
  async fn() {
    const { config, parameters } = readKerasResNet(published!);
    const specs = resNetSpecs(config);
    const empty = new Map<string, HostTensor>(
      specs.map(({ name, dtype, shape }) => [name, dtype === "int64" ? int64(shape, [0]) : zerosOf(shape)]),
    );
    const { report } = load(empty, parameters, { strict: false });
    deepStrictEqual(report, { missing: [], unexpected: ["fc.weight", "fc.bias"] });
    strictEqual(below(parameters, "fc").size, 2);

    const photos = Object.keys(KNOWN);
    const plane = 3 * 224 * 224;
    const pixels = new Float32Array(photos.length * plane);
    for (const [i, photo] of photos.entries()) {
      const decoded = await decodeImage(join(shared!, "data/cub200-sample/CUB_200_2011/images", photo));
      pixels.set(kerasInput(resizeLinear(decoded, 224, 224)).data, i * plane);
    }
    const x = float32([photos.length, 3, 224, 224], pixels);
    const state = new Map(
      [...parameters].map(([name, { dtype, shape }]) => [name, input(name, dtype as "float32", shape)]),
    );
    const context = { state, training: false, updated: new Map() };
    const { features } = resNet(input("x", "float32", x.shape), config, context);
    const logits = linear(mean(features, { axes: [2, 3] }), state.get("fc.weight")!, state.get("fc.bias")!);
    const results = await runProgram(
      new Map([["logits", logits]]),
      new Map<string, HostTensor>([...parameters, ["x", x]]),
    );
    const data = results.get("logits")!.data as Float32Array;
    photos.forEach((photo, i) => {
      const row = data.subarray(1000 * i, 1000 * (i + 1));
      const best = row.indexOf(Math.max(...row));
      ok(isBird(best), `${photo} is seen as class ${best}`);
      strictEqual(best, KNOWN[photo][0][0]);
      for (const [label, value] of KNOWN[photo]) {
        ok(
          Math.abs(row[label] - value) < 1e-4,
          `${photo}: class ${label} has ${row[label]}, expected ${value}`,
        );
      }
    });
  },
});
