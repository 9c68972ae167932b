/** The masks that a device has filtered, as the generator collects them. */

import type { HostTensor } from "../../../tensor/host_tensor.ts";
import type { RunLengths } from "../../../vision/masks/rle.ts";
import { RunWriter } from "../run_writer.ts";
import type { MaskCanvas } from "./canvas.ts";

/** A mask that passed all filters, in the crop's pixels. */
export interface FilteredMask {
  /** Its number among the masks of the run. */
  readonly index: number;
  readonly runs: RunLengths;
  readonly predictedIou: number;
  readonly stability: number;
}

/** What a run of a decoder's program with filters gives. */
export interface FilteredRun {
  /** Masks that pass the filter of predicted IoU, and that of stability too. */
  readonly certain: number;
  readonly stable: number;
  readonly masks: readonly FilteredMask[];
}

/**
 * Reads the outputs of a run, see `maskFilter`.
 *
 * @param size of the crop
 */
export function filteredRun(
  { ious, stability, certain, stable, kept, bits }: Readonly<Record<string, HostTensor>>,
  canvas: MaskCanvas,
  size: { readonly width: number; readonly height: number },
): FilteredRun {
  const bytes = canvas.width * canvas.height / 8;
  const indices = [...(kept.data as Uint8Array).entries()].filter(([, isKept]) => isKept).map(([index]) =>
    index
  );
  return {
    certain: trueIn(certain),
    stable: trueIn(stable),
    masks: indices.map((index, i) => ({
      index,
      runs: runsOfBits(
        (bits.data as Uint8Array).subarray(i * bytes, (i + 1) * bytes),
        canvas.height / 8,
        size,
      ),
      predictedIou: Number(ious.data[index]),
      stability: Number(stability.data[index]),
    })),
  };
}

function trueIn({ data }: HostTensor): number {
  return (data as Uint8Array).reduce((count, value) => count + value, 0);
}

/** @param column bytes of a column, which can be longer than the mask */
function runsOfBits(
  bits: Uint8Array,
  column: number,
  { width, height }: { readonly width: number; readonly height: number },
): RunLengths {
  const writer = new RunWriter();
  writer.begin();
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y += 8) {
      const byte = bits[x * column + (y >> 3)];
      const rows = Math.min(8, height - y);
      if (byte === 0 || byte === 255) writer.enter(byte === 0 ? 0 : 1, x * height + y);
      else for (let bit = 0; bit < rows; bit++) writer.enter(byte >> bit & 1 ? 1 : 0, x * height + y + bit);
    }
  }
  return { width, height, counts: writer.finish(width * height) };
}
