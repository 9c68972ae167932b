/** The errors of a workflow file, reported together. */
import { FlowError } from "../errors.ts";

/** One thing that is wrong with a workflow. */
export interface Problem {
  /** The task, where it is one task's affair. */
  readonly task?: string;
  /** Where in the workflow or the task, such as `params.lr` or `inputs.images`. */
  readonly field?: string;
  readonly message: string;
  readonly given?: string;
  readonly expected?: string;
  /** The nearest known name. */
  readonly suggestion?: string;
}

export class WorkflowError extends FlowError {
  constructor(readonly file: string, readonly problems: readonly Problem[]) {
    const shown = problems.slice(0, 50).map(describe);
    if (problems.length > shown.length) shown.push(`  and ${problems.length - shown.length} more`);
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    super("workflow", [`${file}: ${count}`, ...shown].map(printable).join("\n"));
  }
}

function describe({ task, field, message, given, expected, suggestion }: Problem): string {
  const place = [task && `task ${task}`, field].filter(Boolean).join(", ");
  const details = [
    given !== undefined && `given ${given}`,
    expected !== undefined && `expected ${expected}`,
  ].filter(Boolean).join(", ");
  return `  ${place ? `${place}: ` : ""}${message}${details ? ` (${details})` : ""}` +
    (suggestion ? `; did you mean ${suggestion}?` : "");
}

// deno-lint-ignore no-control-regex -- control characters are what it looks for
const steersTerminal = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One line, in which nothing from a workflow steers the terminal. */
function printable(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trimEnd().replace(steersTerminal, "\ufffd");
}

/** A value as a short piece of JSON. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
