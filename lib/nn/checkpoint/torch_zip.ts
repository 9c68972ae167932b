/** Reads PyTorch's zip format (`torch.save` since 1.6, Lightning's `.ckpt`). */

import type { ByteSource } from "./byte_source.ts";
import { ByteCursor } from "./byte_cursor.ts";
import { readPickle } from "./pickle.ts";
import type { TorchStorage } from "./pickle_values.ts";
import { namedTensors } from "./torch_names.ts";
import { storageOf, torchHost } from "./torch_objects.ts";
import { blockBytes, torchWeights } from "./torch_weights.ts";
import type { WeightsFile } from "./weights_file.ts";
import { checkContent, contentStart, readZipDirectory, type ZipEntry } from "./zip.ts";

const PICKLE = "/data.pkl";

/**
 * The tensors of a PyTorch zip archive. `NAME/data.pkl` describes them and `NAME/data/KEY` are their
 * storages.
 *
 * @throws {WeightsError} see {@link readPickle} and {@link readZipDirectory}.
 */
export function openTorchZip(source: ByteSource): WeightsFile {
  const entries = readZipDirectory(source);
  const pickles = [...entries.values()].filter(({ name }) => name.endsWith(PICKLE));
  if (pickles.length !== 1) {
    source.fail(
      "malformed",
      `must have exactly one data.pkl, as a PyTorch zip archive, but has ${pickles.length}`,
    );
  }
  const [pickle] = pickles;
  const folder = pickle.name.slice(0, -PICKLE.length);
  const storages = new Map<string, { storage: TorchStorage; entry: ZipEntry }>();
  const start = contentStart(source, pickle);
  const cursor = new ByteCursor(source, start, start + pickle.size, `the pickle "${pickle.name}"`);
  const root = readPickle(
    cursor,
    torchHost(source, (id) => {
      const storage = storageOf(id, source);
      const known = storages.get(storage.key);
      const entry = known?.entry ?? entries.get(`${folder}/data/${storage.key}`);
      if (!entry) source.fail("truncated", `the storage "${storage.key}" is not in the archive`);
      checkStorage(source, storage, entry, known?.storage);
      storages.set(storage.key, { storage, entry });
      return storage;
    }),
  );
  // Checked only after parsing, because an error about the pickle's content is more specific than a wrong
  // checksum.
  checkContent(source, pickle, source.read(start, pickle.size, cursor.what));
  checkByteOrder(source, entries.get(`${folder}/byteorder`));
  return torchWeights(source, "pytorch zip", namedTensors(root, source), (storage, target) => {
    const { entry } = storages.get(storage.key)!;
    source.readInto(target, contentStart(source, entry), `the storage "${storage.key}"`);
    checkContent(source, entry, target);
  });
}

function checkStorage(
  source: ByteSource,
  storage: TorchStorage,
  entry: ZipEntry,
  known?: TorchStorage,
): void {
  const bytes = blockBytes(storage);
  if (bytes !== entry.size) {
    source.fail(
      bytes > entry.size ? "truncated" : "malformed",
      `the storage "${storage.key}" of ${storage.blockLength} × ${storage.dtype} takes ${bytes} bytes, ` +
        `but the archive has ${entry.size}`,
    );
  }
  if (known && known.dtype !== storage.dtype) {
    source.fail("malformed", `the storage "${storage.key}" is both ${known.dtype} and ${storage.dtype}`);
  }
}

function checkByteOrder(source: ByteSource, entry: ZipEntry | undefined): void {
  if (!entry) return;
  const bytes = source.read(contentStart(source, entry), Math.min(entry.size, 16), "the byte order");
  const order = new TextDecoder().decode(bytes);
  if (order !== "little") {
    source.fail("malformed", `has the byte order ${JSON.stringify(order)}; expected "little"`);
  }
}
