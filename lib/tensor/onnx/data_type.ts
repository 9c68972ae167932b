/** ONNX's codes for element types (TensorProto.DataType). */

import type { ElementType } from "../op.ts";

/** TensorProto.DataType of each element type of programs. */
export const DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};
