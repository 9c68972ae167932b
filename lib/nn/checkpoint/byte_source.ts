/** Positional reading of a weight file, or of bytes in memory, that never hands out more than is there. */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { WeightsError, type WeightsFault } from "./weights_error.ts";

export abstract class ByteSource {
  /** @param file what errors call the source; @param size its length in bytes */
  constructor(readonly file: string, readonly size: number) {}

  /** Fills `target` with the bytes from `position` on, which the caller has checked to be there. */
  protected abstract fill(target: Uint8Array, position: number): void;

  close(): void {}

  /**
   * Fills `target` with the bytes from `position` on; `what` names them in the error.
   *
   * @throws {WeightsError} "truncated" when the source ends before.
   */
  readInto(target: Uint8Array, position: number, what: string): void {
    this.require(position, target.byteLength, what);
    this.fill(target, position);
  }

  /**
   * `length` bytes from `position` on, in a buffer of their own.
   *
   * @throws {WeightsError} "truncated" when the source ends before; nothing is allocated then.
   */
  read(position: number, length: number, what: string): Uint8Array<ArrayBuffer> {
    this.require(position, length, what);
    const bytes = new Uint8Array(length);
    this.fill(bytes, position);
    return bytes;
  }

  /** Fails as "truncated" unless `length` bytes stand at `position`. */
  require(position: number, length: number, what: string): void {
    if (position + length > this.size) {
      this.fail(
        "truncated",
        `${what} takes bytes ${position} to ${position + length}, but the file has ${this.size}`,
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

/** A file that stays open until `close`. */
export class FileSource extends ByteSource {
  readonly #descriptor: number;

  constructor(path: string) {
    const status = statSync(path);
    super(path, status.size);
    // Asked before opening, which waits for a writer where the path is a pipe.
    if (!status.isFile()) this.fail("malformed", "is a folder, a pipe or a device, not a weight file");
    this.#descriptor = openSync(path, "r");
  }

  protected fill(target: Uint8Array, position: number): void {
    // One system call may return less than was asked for, above 2 GiB always.
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
