/** Synchronous printing that survives a slow reader and a reader that has gone. */

const encoder = new TextEncoder();

/** Writes all of `text`; a closed pipe (`… | head`) is not an error of ours. */
export function writeAll(out: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = encoder.encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(out.writeSync(rest));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return;
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
