/** A thread that checks chunks of a long file, and writes those that are right. */
/// <reference lib="deno.worker" />
import { type ComingChunk, keepChunk } from "./chunks.ts";

/** What became of a chunk, whose bytes are given back. */
export interface ChunkReply {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isRight: boolean;
  /** Why it could not be written. */
  readonly error?: { readonly message: string; readonly code?: string };
}

addEventListener("message", (event) => {
  // Its bytes were given to this thread.
  const chunk = (event as MessageEvent<ComingChunk>).data;
  const { bytes } = chunk;
  let isRight = false;
  let error: ChunkReply["error"];
  try {
    isRight = keepChunk(chunk);
  } catch (cause) {
    const { message, code } = cause as Error & { code?: string };
    error = { message, code };
  }
  postMessage({ bytes, isRight, error } satisfies ChunkReply, [bytes.buffer]);
});
