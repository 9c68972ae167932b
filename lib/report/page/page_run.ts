/** The facts of the run that made a page, as the engine gives them. */

/** One task of the run that made the page. */
export interface PageTask {
  readonly id: string;
  readonly task: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly key: string;
  readonly outcome: string;
  /** Its duration when it was run. */
  readonly ms: number;
  readonly needs: readonly string[];
}

/** The facts of a run as the engine gives them. */
export interface PageRun {
  readonly run: string;
  readonly workflow: string;
  readonly command: string;
  readonly result: {
    readonly task: string;
    readonly inputs: Readonly<
      Record<string, readonly { readonly task?: string; readonly output?: string }[]>
    >;
  };
  readonly tasks: readonly PageTask[];
  readonly overrides: readonly { readonly field: string; readonly by: string }[];
}
