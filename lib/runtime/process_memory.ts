/** The memory of a process before it computes. */

/** Deno, the libraries and what they keep, in MiB. */
export const PROCESS_MB = 400;
