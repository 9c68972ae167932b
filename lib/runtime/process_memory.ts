/** The memory of a process beside the values that it computes with, by `birds`, a ResNet-50 and 11,800 images. */

/** Deno with the code of a kind, in MiB. */
export const PROCESS_MB = 160;
/** Onnxruntime with its programs, in MiB. */
export const RUNTIME_MB = 120;
/** What is known of an image of the data set, in bytes. */
export const IMAGE_BYTES = 16_000;
