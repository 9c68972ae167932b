/** Where a work is done on a node: in its work folder in the store, or in a copy of that on the node's own disk. */

import type { WorkFile } from "./files.ts";

/** The parts of a work that name places. */
export type PlacedWork = Pick<WorkFile, "process" | "mounts" | "jobFile">;

/** A work and its place. */
export interface WorkPlace {
  /** The work with the paths that its process sees. */
  readonly work: PlacedWork;
  /** Where the node's own program finds what the process sees at `path`. */
  at(path: string): string;
  /** Puts what the process sees at `path` into the store's work folder: complete, or not at all. @throws FlowError scratch */
  keep(path: string): Promise<void>;
  /** Passes on what the process has reported; called again and again while it runs. */
  report(): void;
  /**
   * The process has ended. Afterwards what it has reported is known, and with `isGood` its outputs are in the store's work
   * folder.
   *
   * @throws FlowError scratch
   */
  finish(isGood: boolean): Promise<void>;
  /** Words to add to a failure that the place may have caused; nothing where it has not. */
  note(): string;
  /** Nothing will be asked for any more. */
  remove(): void;
}

/** The work folder itself: nothing is to be put anywhere. */
export function placeInStore(work: PlacedWork): WorkPlace {
  return {
    work,
    at: (path) => path,
    keep: () => Promise.resolve(),
    report: () => {},
    finish: () => Promise.resolve(),
    note: () => "",
    remove: () => {},
  };
}
