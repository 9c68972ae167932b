/** Where an action waits or runs, when that is another machine. */

/** Where a process is; times in milliseconds since 1970. */
export interface JobPlace {
  readonly state: "pending" | "running";
  /** The id of its job, as the cluster names it. */
  readonly job: string;
  /** Why it waits, in the cluster's words. */
  readonly why?: string;
  readonly node?: string;
  readonly gpus?: readonly string[];
  readonly since?: number;
}
