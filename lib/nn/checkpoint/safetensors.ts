/** The safetensors format: an 8-byte header length, a JSON header, then the tensors' bytes. */

import type { DType, HostTensor } from "../../tensor/host_tensor.ts";
import { arrayType, elementCount, hostTensor } from "../../tensor/host_tensor.ts";

const DTYPES: Record<string, DType> = {
  F32: "float32",
  F64: "float64",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Every tensor of the file's bytes, by name. */
export function decodeSafetensors(bytes: Uint8Array): Map<string, HostTensor> {
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  const tensors = new Map<string, HostTensor>();
  for (const [name, entry] of Object.entries(header) as [string, Entry][]) {
    if (name === "__metadata__") continue;
    const dtype = DTYPES[entry.dtype];
    const [start, end] = entry.data_offsets;
    const copy = bytes.slice(8 + headerLength + start, 8 + headerLength + end);
    const data = new (arrayType(dtype))(copy.buffer, 0, elementCount(entry.shape));
    tensors.set(name, hostTensor(dtype, entry.shape, data));
  }
  return tensors;
}
