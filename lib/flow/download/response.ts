/** Reading the response of a server that may break off. */

/** A cut connection, a busy server: worth another attempt. */
export class Interrupted extends Error {}

/** The bytes of a body; a connection that breaks is told apart from an error of what is done with the bytes. */
export async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((error) => {
        throw new Interrupted(`the connection broke: ${innermost(error)}`);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** How long the whole file is, of which the response begins at byte `at`; undefined where the server does not say. */
export function totalSize(response: Response, at: number): number | undefined {
  const length = response.headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? at + Number(length) : undefined;
}

/** `fetch` only says that it failed; what happened is in the cause. */
export function innermost(error: Error): string {
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
