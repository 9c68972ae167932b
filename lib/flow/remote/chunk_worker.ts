/** A thread that checks chunks of a long file, and writes those that are right. */
/// <reference lib="deno.worker" />
import { sha256Hex } from "../store/digest.ts";
import { writeRange } from "./chunks.ts";

/** The bytes of a chunk are given to the thread. */
export interface ChunkRequest {
  readonly path: string;
  /** The place in the file. */
  readonly from: number;
  /** The SHA-256 that the bytes must have. */
  readonly hash: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What became of a chunk, whose bytes are given back. */
export interface ChunkReply {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isRight: boolean;
  /** Why it could not be written. */
  readonly error?: { readonly message: string; readonly code?: string };
}

addEventListener("message", (event) => {
  const { path, from, hash, bytes } = (event as MessageEvent<ChunkRequest>).data;
  const isRight = sha256Hex(bytes) === hash;
  let error: ChunkReply["error"];
  try {
    if (isRight) writeRange(path, from, bytes);
  } catch (cause) {
    const { message, code } = cause as Error & { code?: string };
    error = { message, code };
  }
  postMessage({ bytes, isRight, error } satisfies ChunkReply, [bytes.buffer]);
});
