/** The param that all kinds share that compute on a device. */
import { z } from "zod";

/**
 * The precision of products: `fp32` (default), or `tf32`, which rounds factors to 10 bits of mantissa and is several times
 * faster on NVIDIA's GPUs. Other devices have no `tf32`. It is part of the key; the engine sets what libraries read.
 */
export const precision = { precision: z.enum(["fp32", "tf32"]).optional() };
