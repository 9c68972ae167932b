/** A thread that hashes ranges of files: it takes the next one from a shared counter until none is left. */
/// <reference lib="deno.worker" />
import { type FileRange, hashRange } from "./hash_range.ts";

export interface HashRequest {
  readonly ranges: readonly FileRange[];
  /** One Int32: the index of the next range that nobody has taken. */
  readonly next: SharedArrayBuffer;
}

/** `[index, hex]` of each range that this thread hashed, and the error if there was one. */
export interface HashReply {
  readonly hashes: readonly (readonly [number, string])[];
  readonly error?: string;
}

addEventListener("message", (event) => {
  const { ranges, next } = (event as MessageEvent<HashRequest>).data;
  const counter = new Int32Array(next);
  const hashes: [number, string][] = [];
  let error: string | undefined;
  try {
    for (let i = Atomics.add(counter, 0, 1); i < ranges.length; i = Atomics.add(counter, 0, 1)) {
      hashes.push([i, hashRange(ranges[i])]);
    }
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
    Atomics.store(counter, 0, ranges.length);
  }
  postMessage({ hashes, error } satisfies HashReply);
});
