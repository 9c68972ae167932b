/** A thread of a loader: builds the requested batches one after the other. */

import { type Augmentation, BatchBuilder, type BatchContent, pixelsIn } from "./batch_builder.ts";

/**
 * A request for one batch. The first message to a thread is the `BatchContent`; all later messages are
 * requests.
 */
export interface BatchRequest {
  readonly ticket: number;
  readonly images: Uint32Array;
  readonly augmentation: Augmentation | undefined;
  /** The buffer for the batch; it is returned with the batch. */
  readonly buffer: ArrayBuffer;
}

export type BatchReply =
  | { readonly ticket: number; readonly buffer: ArrayBuffer }
  | { readonly ticket: number; readonly buffer: ArrayBuffer; readonly error: Error };

const thread = self as unknown as {
  onmessage: (event: MessageEvent<BatchContent | BatchRequest>) => void;
  postMessage(message: BatchReply, transfer: Transferable[]): void;
};

let builder: BatchBuilder | undefined;
let turn: Promise<void> = Promise.resolve();

async function answer({ ticket, images, augmentation, buffer }: BatchRequest): Promise<void> {
  try {
    await builder!.build(images, augmentation, pixelsIn(buffer, augmentation));
    thread.postMessage({ ticket, buffer }, [buffer]);
  } catch (error) {
    thread.postMessage({ ticket, buffer, error: error as Error }, [buffer]);
  }
}

thread.onmessage = ({ data }) => {
  if ("ticket" in data) turn = turn.then(() => answer(data));
  else builder = new BatchBuilder(data);
};
