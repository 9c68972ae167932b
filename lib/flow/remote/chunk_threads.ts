/** Threads that check and write the chunks of a long file, while this thread receives the next ones. */

import { type ComingChunk, keepChunk } from "./chunks.ts";
import type { ChunkReply } from "./chunk_worker.ts";

/** Two keep up with one thread that receives. */
const MOST_THREADS = 2;
/** For fewer chunks, to start threads takes longer than they would save. */
const THREADS_FROM_CHUNKS = 8;

/** A thread, and what waits for its answer. */
interface Thread {
  readonly worker: Worker;
  readonly waiting: PromiseWithResolvers<ChunkReply>[];
}

/** Of one file. Close them when it is whole or given up. */
export class ChunkThreads {
  readonly #threads: Thread[] = [];

  /** @param chunks how many the file has */
  constructor(readonly chunks: number) {}

  /**
   * Writes a chunk if its bytes are right; their memory is given away, and comes back with the answer.
   *
   * @throws what the system says against writing, with its code
   */
  async write(chunk: ComingChunk): Promise<Pick<ChunkReply, "bytes" | "isRight">> {
    const { bytes } = chunk;
    if (this.chunks < THREADS_FROM_CHUNKS) return { bytes, isRight: keepChunk(chunk) };
    const { worker, waiting } = this.#idlest();
    const answer = Promise.withResolvers<ChunkReply>();
    waiting.push(answer);
    worker.postMessage(chunk, [bytes.buffer]);
    const { error, ...reply } = await answer.promise;
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return reply;
  }

  [Symbol.dispose](): void {
    for (const { worker, waiting } of this.#threads) {
      worker.terminate();
      for (const answer of waiting.splice(0)) answer.reject(new Error("the file was given up"));
    }
  }

  #idlest(): Thread {
    const [first] = this.#threads.toSorted((a, b) => a.waiting.length - b.waiting.length);
    if (first?.waiting.length === 0 || this.#threads.length === MOST_THREADS) return first;
    const thread = started();
    this.#threads.push(thread);
    return thread;
  }
}

function started(): Thread {
  const worker = new Worker(new URL("./chunk_worker.ts", import.meta.url), { type: "module" });
  const waiting: Thread["waiting"] = [];
  worker.onmessage = (event: MessageEvent<ChunkReply>) => waiting.shift()!.resolve(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    for (const answer of waiting.splice(0)) {
      answer.reject(new Error(`a thread that writes chunks failed: ${event.message}`));
    }
  };
  return { worker, waiting };
}
