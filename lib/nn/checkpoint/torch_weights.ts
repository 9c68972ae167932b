/** Converts the tensors of a PyTorch file, which are strided views of storages, to row-major order. */

import { arrayType, elementCount, type HostTensor } from "../../tensor/host_tensor.ts";
import type { ByteSource } from "./byte_source.ts";
import type { TorchStorage, TorchTensor } from "./pickle_values.ts";
import { emptyTensor, entryOf, type TensorInfo, type WeightsFile } from "./weights_file.ts";

/** Fills `target` with all elements of a storage's block. */
export type BlockReader = (storage: TorchStorage, target: Uint8Array<ArrayBuffer>) => void;

/**
 * Views may repeat elements of the file, but the total size is limited to this multiple of the file's size.
 */
const MAX_REPEAT = 8;
const FREE_BYTES = 1 << 20;

/**
 * An open file with the tensors that its pickle describes.
 *
 * @throws {WeightsError} "malformed" if the total size of the tensors is out of proportion to the file's
 * size.
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
    // Both arrays have the same type, which the compiler can't infer.
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
