/**
 * Waits for file descriptors by poll(2), in place of Deno's event loop, each turn of which would take a short task as
 * long as its start. While it waits no promise of the thread is settled: what it calls must not need one.
 */

import { errorNumber, poll } from "./linux_calls.ts";

const POLLIN = 1;
const POLLOUT = 4;
const EINTR = 4;

export interface Watched {
  /** Called when something can be read, or written if that was wanted, or the other end was closed. */
  readonly ready: () => void;
  readonly wantsToWrite?: () => boolean;
}

export class Poller {
  readonly #watched = new Map<number, Watched>();

  watch(fd: number, watched: Watched): void {
    this.#watched.set(fd, watched);
  }

  /** To be called before the file descriptor is closed. */
  forget(fd: number): void {
    this.#watched.delete(fd);
  }

  /**
   * Waits until one of them is ready, and calls those that are.
   *
   * @param longestMs without end if it is absent
   * @throws Error
   */
  wait(longestMs?: number): void {
    const all = [...this.#watched];
    // struct pollfd: 32 bits of a file descriptor, 16 of the wanted events, 16 of those that came.
    const fds = new Int32Array(2 * all.length);
    all.forEach(([fd, { wantsToWrite }], i) => {
      fds[2 * i] = fd;
      fds[2 * i + 1] = POLLIN | (wantsToWrite?.() ? POLLOUT : 0);
    });
    const timeout = longestMs === undefined ? -1 : Math.max(0, Math.ceil(longestMs));
    const ready = poll(new Uint8Array(fds.buffer), all.length, timeout);
    if (ready < 0 && errorNumber() !== EINTR) throw new Error(`poll: error ${errorNumber()}`);
    if (ready <= 0) return;
    all.forEach(([fd, watched], i) => {
      // One that was called may have forgotten another, whose number is a new one's now.
      if (fds[2 * i + 1] >>> 16 !== 0 && this.#watched.get(fd) === watched) watched.ready();
    });
  }
}
