/** Reads PyTorch's legacy format (`torch.save` before 1.6): five consecutive pickles, then the storages. */

import { arrayType } from "../../tensor/host_tensor.ts";
import { ByteCursor } from "./byte_cursor.ts";
import type { ByteSource } from "./byte_source.ts";
import { readPickle } from "./pickle.ts";
import type { PickleHost } from "./pickle_machine.ts";
import type { PickleValue, TorchStorage } from "./pickle_values.ts";
import { namedTensors } from "./torch_names.ts";
import { storageOf, torchHost } from "./torch_objects.ts";
import { blockBytes, torchWeights } from "./torch_weights.ts";
import type { WeightsFile } from "./weights_file.ts";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** Whether `source` begins with a pickle of protocol 2 or later. */
export function looksLikePickle(source: ByteSource): boolean {
  if (source.size < 2) return false;
  const [opcode, protocol] = source.read(0, 2, "the pickle");
  return opcode === 0x80 && protocol >= 2 && protocol <= 5;
}

/**
 * The tensors of a legacy file. The five pickles are a magic number, the protocol, the machine, the object
 * and the keys of its storages. They are followed, in the order of the keys, by each storage's element count
 * (int64) and elements.
 *
 * @throws {WeightsError} see {@link readPickle}.
 */
export function openTorchLegacy(source: ByteSource): WeightsFile {
  const storages = new Map<string, TorchStorage>();
  const cursor = new ByteCursor(source, 0, source.size, "the pickle");
  const host = torchHost(source, (id) => {
    const storage = storageOf(id, source);
    source.require(0, blockBytes(storage), `the storage "${storage.key}"`);
    const known = storages.get(storage.key);
    if (known && (known.dtype !== storage.dtype || known.blockLength !== storage.blockLength)) {
      source.fail("malformed", `has two contradictory descriptions of the storage "${storage.key}"`);
    }
    storages.set(storage.key, storage);
    return storage;
  });
  checkPreamble(source, cursor, host);
  const root = readPickle(cursor, host);
  const keys = readPickle(cursor, host);
  const positions = locateStorages(source, cursor.position, keys, storages);
  return torchWeights(source, "pytorch legacy", namedTensors(root, source), (storage, target) => {
    source.readInto(target, positions.get(storage.key)!, `the storage "${storage.key}"`);
  });
}

function checkPreamble(source: ByteSource, cursor: ByteCursor, host: PickleHost): void {
  if (readPickle(cursor, host) !== MAGIC) {
    source.fail(
      "malformed",
      "is a pickle, but not a PyTorch file: it does not begin with PyTorch's magic number",
    );
  }
  const protocol = readPickle(cursor, host);
  if (protocol !== PROTOCOL) {
    source.fail("malformed", `has the legacy protocol ${protocol}; expected ${PROTOCOL}`);
  }
  const machine = readPickle(cursor, host);
  if (!(machine instanceof Map) || machine.get("little_endian") !== true) {
    source.fail("malformed", "must be written by a little-endian machine, but its header does not say so");
  }
}

/** The position of each storage's elements. Checks that the element counts agree with the pickle. */
function locateStorages(
  source: ByteSource,
  position: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, TorchStorage>,
): Map<string, number> {
  const positions = new Map<string, number>();
  if (!Array.isArray(keys)) source.fail("malformed", "has no list of storage keys after its object");
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (!storage || positions.has(storage.key)) {
      source.fail(
        "malformed",
        `lists the storage key ${JSON.stringify(key)}, which is unknown or listed twice`,
      );
    }
    const header = source.read(position, 8, `the length of the storage "${storage.key}"`);
    const length = Number(new DataView(header.buffer).getBigUint64(0, true));
    const bytes = length * arrayType(storage.dtype).BYTES_PER_ELEMENT;
    source.require(position + 8, bytes, `the storage "${storage.key}" of ${length} × ${storage.dtype}`);
    if (length !== storage.blockLength) {
      source.fail(
        "malformed",
        `the storage "${storage.key}" has ${length} elements, but the pickle expects ${storage.blockLength}`,
      );
    }
    positions.set(storage.key, position + 8);
    position += 8 + bytes;
  }
  for (const key of storages.keys()) {
    if (!positions.has(key)) source.fail("truncated", `the storage "${key}" is not in the file`);
  }
  return positions;
}
