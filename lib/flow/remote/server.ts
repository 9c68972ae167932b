/** What a shared cache can be asked for, and within which bounds: the layout of Bazel's remote cache, `ac/KEY` and `cas/SHA256`. */

import { FlowError } from "../errors.ts";
import type { SpareBytes } from "./spare_bytes.ts";

/** A place that keeps files under `ac/` and `cas/`. Every method rejects with CacheError, whatever goes wrong. */
export interface CacheServer {
  /** What messages call it. */
  readonly name: string;
  /** The bytes under a path; undefined where there are none. More than `atMost` bytes are an error. */
  get(path: string, atMost: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * The bytes of a long file, which has exactly `size` bytes at most a chunk's; undefined where there is none.
   *
   * @param spare gives the memory for them
   */
  getLong(path: string, size: number, spare: SpareBytes): Promise<Uint8Array<ArrayBuffer> | undefined>;
  has(path: string): Promise<boolean>;
  put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Cuts what is under way, and gives no more answers. */
  leave(): void;
}

/** How much trouble with a cache is taken before it is given up. */
export interface CacheLimits {
  /** How long an answer may take to begin, and how far it may lag behind `slowest`, in milliseconds. */
  readonly patienceMs: number;
  /** Fewer bytes in a millisecond are too slow. */
  readonly slowest: number;
  /** After so many errors a cache is left alone. */
  readonly mostErrors: number;
  /** Requests at once. */
  readonly requests: number;
}

/** Those of the command line. */
export const CACHE_LIMITS: CacheLimits = { patienceMs: 10_000, slowest: 100, mostErrors: 3, requests: 16 };

/** The record of an action has at most so many bytes. */
export const MOST_ENTRY_BYTES = 16 << 20;

/** An answer of a cache that can't be used; it counts as none. */
export class CacheError extends FlowError {
  constructor(message: string) {
    super("cache", message);
  }
}
