/** How much work code does: counted, so that neither the machine nor its load changes the figure. */

import { Session } from "node:inspector/promises";

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}

/** Counts from its first use on: a counter that is stopped misses code that was optimised meanwhile. */
let counter: Promise<Session> | undefined;

async function startCounter(): Promise<Session> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return session;
}

/** Blocks entered since the last call. */
async function blocksEntered(): Promise<number> {
  const session = await (counter ??= startCounter());
  const { result } = await session.post("Profiler.takePreciseCoverage") as { result: ScriptCoverage[] };
  return result.filter(({ url }) => /^(file|npm):/.test(url) && !url.endsWith("_test.ts"))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

/**
 * How often blocks of code (functions, bodies of loops, branches) were entered while `body` ran, in the project and its
 * packages. The work of V8 and of native code (regular expressions, sorting, WebAssembly, inflating) is not counted.
 */
export async function workOf(body: () => unknown): Promise<number> {
  await blocksEntered();
  await body();
  return await blocksEntered();
}
