/** The files that stand for outputs that a task did not make, since it or one before it ended early. */

import { Buffer } from "node:buffer";
import { sha256Hex } from "../store/digest.ts";
import type { EarlyEnd, OutputRef } from "../store/types.ts";

/** The content of the file. */
export function endText(end: EarlyEnd): string {
  return `{"ended":"${end}"}\n`;
}

const ENDS = new Map<string, EarlyEnd>(
  (["pruned", "failed"] as const).map((end) => [sha256Hex(Buffer.from(endText(end))), end]),
);

/** How the task ended, if the output is such a file. */
export function earlyEndOf({ file }: OutputRef): EarlyEnd | undefined {
  return file && ENDS.get(file.digest);
}
