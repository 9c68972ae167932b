/** The phases of a prototype network's training. */

/** A phase of training; phases run in this order. */
export type Phase = "warmup" | "joint" | "fine_tune";
