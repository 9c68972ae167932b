/** The codec of image files, loaded when the first one is read or written: most processes of a run see none. */

import type { Sharp, SharpOptions } from "sharp";

type Codec = (input: Uint8Array, options: SharpOptions) => Sharp;

let loading: Promise<Codec> | undefined;

/** Begins to read `input`: the bytes of a file, or samples that `options` describe. */
export async function openImage(input: Uint8Array, options: SharpOptions): Promise<Sharp> {
  const codec = await (loading ??= load());
  return codec(input, options);
}

async function load(): Promise<Codec> {
  const { default: sharp } = await import("sharp");
  // Every image is read once, so a cache would only use memory. Callers decode several images in parallel, for which
  // one thread per image is faster than several.
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}
