/** What a later run has to know of a work folder to take it up: it lies beside the folder. */

import { replaceFile } from "../store/replace_file.ts";
import { readOrEmpty } from "../store/small_files.ts";
import type { Store } from "../store/store.ts";
import type { TreeEntry } from "../store/types.ts";
import type { Borrower } from "./lend.ts";

/** The parts of a workspace that tell how it was prepared. */
export interface PreparedWorkspace extends Borrower {
  readonly inputs: Record<string, string[]>;
}

interface KeptWorkspace extends Pick<PreparedWorkspace, "inputs" | "mounts"> {
  readonly isIsolated: boolean;
  /** Files of the store that the task could write to. */
  readonly lent: readonly (readonly TreeEntry[])[];
}

const fileOf = (cwd: string) => `${cwd}space.json`;

/** Keeps what is known of a workspace, once it is complete. */
export function keep({ cwd, inputs, mounts, lent, launcher }: PreparedWorkspace): void {
  const kept: KeptWorkspace = {
    inputs,
    mounts,
    isIsolated: launcher !== undefined,
    lent: lent.map(({ entries }) => entries),
  };
  replaceFile(fileOf(cwd), JSON.stringify(kept));
}

/** What was kept of the workspace `cwd`; undefined where it is of no use: not complete, or isolated in another way. */
export function readKept(
  store: Store,
  cwd: string,
  isIsolated: boolean,
): Pick<PreparedWorkspace, "inputs" | "mounts" | "lent"> | undefined {
  const text = readOrEmpty(fileOf(cwd));
  const kept: KeptWorkspace | undefined = text === "" ? undefined : JSON.parse(text);
  if (kept?.isIsolated !== isIsolated) return undefined;
  return {
    inputs: Object.assign(Object.create(null), kept.inputs),
    mounts: kept.mounts,
    lent: kept.lent.map((entries) => ({ store, entries })),
  };
}
