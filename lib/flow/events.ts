/** The events of a run: for the display, for `--json` and for the journal. */

import type { Progress } from "./kind.ts";
import type { JobPlace } from "./place.ts";
import type { ActionKey } from "./store/types.ts";

/** The outcome of an action. `ms` is the time it took in this run. */
export type ActionOutcome =
  | {
    readonly outcome: "ran";
    readonly id: string;
    readonly key: ActionKey;
    readonly ms: number;
    readonly reason: string;
  }
  | {
    readonly outcome: "reused";
    readonly id: string;
    readonly key: ActionKey;
    readonly ms: 0;
    readonly reason: string;
    /** Its duration when it was run. */
    readonly savedMs: number;
  }
  | {
    readonly outcome: "joined";
    readonly id: string;
    readonly key: ActionKey;
    readonly ms: number;
    readonly reason: string;
    readonly savedMs: number;
  }
  | {
    readonly outcome: "failed";
    readonly id: string;
    /** Absent where the failure came before the key was known. */
    readonly key?: ActionKey;
    readonly ms: number;
    readonly reason: string;
    /** The file with the action's log. */
    readonly log?: string;
  }
  | { readonly outcome: "skipped"; readonly id: string; readonly ms: 0; readonly reason: string };

/** The totals of a run: numbers of actions by outcome, and times in milliseconds. */
export interface RunSummary {
  readonly ran: number;
  readonly reused: number;
  readonly joined: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
  /** The time that the reused actions took when they were run. */
  readonly savedMs: number;
  readonly store: string;
  readonly run: string;
}

/** Who follows a run. Every method is optional and must return at once. */
export interface RunObserver {
  started?(run: { run: string; workflow: string; actions: number }): void;
  /** An action has begun; `expectedMs` is from history. */
  actionStarted?(action: { id: string; key: ActionKey; reason: string; expectedMs?: number }): void;
  actionProgress?(id: string, progress: Progress): void;
  /** What the action prints is written to `file`, until it ends. */
  actionLogs?(id: string, file: string): void;
  /** An action is being run by another process; `holder` says which. */
  actionWaiting?(id: string, key: ActionKey, holder: string): void;
  /** Where the action waits or runs, when that is another machine. */
  actionPlaced?(id: string, place: JobPlace): void;
  actionRetried?(id: string, reason: string, waitMs: number): void;
  actionEnded?(outcome: ActionOutcome): void;
  /** Everything at once, where nothing had to be run: `ids`, `keys` and `savedMs` run side by side. */
  allReused?(ids: readonly string[], keys: readonly ActionKey[], savedMs: readonly number[]): void;
  ended?(summary: RunSummary): void;
}

/** One observer that passes everything on to several. */
export function observers(...all: RunObserver[]): RunObserver {
  const each =
    <K extends keyof RunObserver>(name: K) => (...args: Parameters<NonNullable<RunObserver[K]>>) => {
      for (const one of all) (one[name] as ((...args: unknown[]) => void) | undefined)?.call(one, ...args);
    };
  return {
    started: each("started"),
    actionStarted: each("actionStarted"),
    actionProgress: each("actionProgress"),
    actionLogs: each("actionLogs"),
    actionWaiting: each("actionWaiting"),
    actionPlaced: each("actionPlaced"),
    actionRetried: each("actionRetried"),
    actionEnded: each("actionEnded"),
    allReused: each("allReused"),
    ended: each("ended"),
  };
}
