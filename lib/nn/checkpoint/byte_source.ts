/** Reads a weight file, or bytes in memory, by position, with bounds checks. */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { WeightsError, type WeightsFault } from "./weights_error.ts";

export abstract class ByteSource {
  /** @param file the source's name in error messages; @param size its length in bytes */
  constructor(readonly file: string, readonly size: number) {}

  /** Fills `target` with the bytes from `position` on; the caller has checked that they exist. */
  protected abstract fill(target: Uint8Array, position: number): void;

  close(): void {}

  /**
   * Fills `target` with the bytes from `position` on; `what` is their name in error messages.
   *
   * @throws {WeightsError} "truncated" if the source has too few bytes.
   */
  readInto(target: Uint8Array, position: number, what: string): void {
    this.require(position, target.byteLength, what);
    this.fill(target, position);
  }

  /**
   * `length` bytes from `position` on, in a new buffer.
   *
   * @throws {WeightsError} "truncated" if the source has too few bytes; no memory is allocated in this case.
   */
  read(position: number, length: number, what: string): Uint8Array<ArrayBuffer> {
    this.require(position, length, what);
    const bytes = new Uint8Array(length);
    this.fill(bytes, position);
    return bytes;
  }

  /** Fails as "truncated" unless `length` bytes exist at `position`. */
  require(position: number, length: number, what: string): void {
    if (position + length > this.size) {
      this.fail(
        "truncated",
        `${what} takes bytes ${position} to ${position + length}, but the file has ${this.size} bytes`,
      );
    }
  }

  fail(reason: WeightsFault, detail: string): never {
    throw new WeightsError(reason, this.file, detail);
  }
}

export class MemorySource extends ByteSource {
  constructor(readonly bytes: Uint8Array, file: string) {
    super(file, bytes.byteLength);
  }

  protected fill(target: Uint8Array, position: number): void {
    target.set(this.bytes.subarray(position, position + target.byteLength));
  }
}

/** A file, which stays open until `close`. */
export class FileSource extends ByteSource {
  readonly #descriptor: number;

  constructor(path: string) {
    const status = statSync(path);
    super(path, status.size);
    // Checked before opening, because opening a pipe waits for a writer.
    if (!status.isFile()) this.fail("malformed", "is a folder, a pipe or a device, not a weight file");
    this.#descriptor = openSync(path, "r");
  }

  protected fill(target: Uint8Array, position: number): void {
    // A system call may return fewer bytes than requested, and always does above 2 GiB.
    for (let done = 0; done < target.byteLength;) {
      const count = readSync(this.#descriptor, target, done, target.byteLength - done, position + done);
      if (count === 0) this.fail("truncated", "became shorter while it was read");
      done += count;
    }
  }

  override close(): void {
    closeSync(this.#descriptor);
  }
}
