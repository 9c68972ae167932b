/** Keeps what is downloaded or extracted from filling a disk. */

import { FlowError } from "../errors.ts";
import { bytes as size } from "../display/format.ts";
import { freeSpace } from "../free_space.ts";

/** So much of a disk stays free for all others, a hundredth of it at most. */
const RESERVE_BYTES = 1e9;
const LOOK_EVERY_BYTES = 1 << 20;

/** The disk can't take what is still to come. */
export class NoSpaceError extends FlowError {
  constructor(message: string) {
    super("download-no-space", message);
  }
}

/** Follows how much is written to a disk. */
export class DiskRoom {
  readonly #path: string;
  #unseen = 0;

  /** @param path a folder on the disk */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws NoSpaceError where the disk has no room for so many bytes more */
  require(bytes: number): void {
    const space = freeSpace(this.#path);
    if (space === undefined) return;
    const room = space.free - Math.min(RESERVE_BYTES, space.size / 100);
    if (bytes <= room) return;
    throw new NoSpaceError(
      `no space left on the disk: ${bytes > 0 ? `${size(bytes)} are to come, ` : ""}${size(space.free)} of ${
        size(space.size)
      } are free`,
    );
  }

  /** @throws NoSpaceError where the disk is about to be full */
  wrote(bytes: number): void {
    this.#unseen += bytes;
    if (this.#unseen < LOOK_EVERY_BYTES) return;
    this.#unseen = 0;
    this.require(0);
  }
}
