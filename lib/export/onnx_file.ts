/** A program with its constants as one ONNX file. */

import type { Program } from "../tensor/graph.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import { DATA_TYPE } from "../tensor/onnx/data_type.ts";
import { emitOnnx } from "../tensor/onnx/emit.ts";
import { decodeModel, encodeModel, type ModelProto } from "../tensor/onnx/proto.ts";
import type { ElementType } from "../tensor/op.ts";
import { bytesOf } from "../tensor/values.ts";

/**
 * The bytes of the file. Every input in `constants` is an initializer of its name; the others are inputs of the model.
 *
 * @throws {RangeError} if a constant of the program has no value.
 */
export function onnxFile(
  program: Program,
  constants: ReadonlyMap<string, HostTensor>,
): Uint8Array<ArrayBuffer> {
  const { bytes } = emitOnnx(program, {}, constants);
  const model = decodeModel(bytes) as unknown as ModelProto;
  const initializer = model.graph.initializer.map((tensor) => {
    const value = constants.get(tensor.name);
    if (!value) return tensor;
    const { shape, dtype } = value;
    return {
      name: tensor.name,
      dims: shape,
      dataType: DATA_TYPE[dtype as ElementType],
      rawData: bytesOf(value),
    };
  });
  return encodeModel({ ...model, graph: { ...model.graph, initializer } });
}
