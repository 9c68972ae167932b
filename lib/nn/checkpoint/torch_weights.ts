/** The tensors of a PyTorch file: strided views of storages, brought into logical row-major order. */

import { arrayType, elementCount, type HostTensor } from "../../tensor/host_tensor.ts";
import type { ByteSource } from "./byte_source.ts";
import type { TorchStorage, TorchTensor } from "./pickle_values.ts";
import { emptyTensor, entryOf, type TensorInfo, type WeightsFile } from "./weights_file.ts";

/** Fills `target` with the elements of a storage's whole block. */
export type BlockReader = (storage: TorchStorage, target: Uint8Array<ArrayBuffer>) => void;

/** Views may repeat what a file holds once, but not more than so many times over. */
const MAX_REPEAT = 8;
const FREE_BYTES = 1 << 20;

/**
 * The open file whose pickle describes `tensors`.
 *
 * @throws {WeightsError} "malformed" when reading every tensor once would take far more memory or time than the
 *   file's size explains.
 */
export function torchWeights(
  source: ByteSource,
  format: WeightsFile["format"],
  described: ReadonlyMap<string, TorchTensor>,
  readBlock: BlockReader,
): WeightsFile {
  checkCost(source, described);
  const tensors = new Map<string, TensorInfo>();
  for (const [name, { storage, shape }] of described) tensors.set(name, { dtype: storage.dtype, shape });
  let kept: { key: string; bytes: Uint8Array<ArrayBuffer> } | undefined;
  const block = (storage: TorchStorage) => {
    if (kept?.key !== storage.key) {
      kept = { key: storage.key, bytes: new Uint8Array(blockBytes(storage)) };
      readBlock(storage, kept.bytes);
    }
    return kept.bytes;
  };
  return {
    format,
    tensors,
    read(name) {
      const tensor = entryOf(described, name, source.file);
      if (isWholeBlock(tensor)) {
        const { tensor: whole, bytes } = emptyTensor(tensor.storage.dtype, tensor.shape);
        readBlock(tensor.storage, bytes);
        return whole;
      }
      return gather(tensor, block(tensor.storage));
    },
    close: () => source.close(),
  };
}

export function blockBytes({ dtype, blockLength }: TorchStorage): number {
  return blockLength * arrayType(dtype).BYTES_PER_ELEMENT;
}

function checkCost(source: ByteSource, tensors: ReadonlyMap<string, TorchTensor>): void {
  const limit = MAX_REPEAT * source.size + FREE_BYTES;
  let cost = 0;
  let kept: string | undefined;
  for (const [name, tensor] of tensors) {
    const { storage, shape } = tensor;
    cost += elementCount(shape) * arrayType(storage.dtype).BYTES_PER_ELEMENT;
    if (!isWholeBlock(tensor) && kept !== storage.key) {
      cost += blockBytes(storage);
      kept = storage.key;
    }
    if (cost > limit) {
      source.fail(
        "malformed",
        `the tensors up to "${name}" of shape [${shape}] take more than ${limit} bytes, ` +
          `${MAX_REPEAT} times the file's ${source.size}`,
      );
    }
  }
}

function isWholeBlock({ storage, offset, shape, strides }: TorchTensor): boolean {
  return offset === 0 && storage.blockOffset === 0 && elementCount(shape) === storage.blockLength &&
    isRowMajor(shape, strides);
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/** The elements of the view `tensor` of a block, in row-major order. */
function gather(
  { storage, offset, shape, strides }: TorchTensor,
  block: Uint8Array<ArrayBuffer>,
): HostTensor {
  const { tensor } = emptyTensor(storage.dtype, shape);
  const from = new (arrayType(storage.dtype))(block.buffer);
  const begin = storage.blockOffset + offset;
  if (isRowMajor(shape, strides)) {
    // Both arrays are of one type, which the compiler can't see.
    (tensor.data as Uint8Array).set((from as Uint8Array).subarray(begin, begin + tensor.data.length));
    return tensor;
  }
  const index = new Array<number>(shape.length).fill(0);
  let at = begin;
  for (let i = 0; i < tensor.data.length; i++) {
    tensor.data[i] = from[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return tensor;
}
