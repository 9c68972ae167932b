/** Runs every conformance case below the given folders: deno task conformance FOLDER… */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Case, type Outcome, readCase } from "./case.ts";
import { compare } from "./compare.ts";
import { runnerOf } from "./suites.ts";

/** Every `*.json` below `folder` that is a case, in the order of their paths. */
export function findCases(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) found.push(...findCases(path));
    else if (name.endsWith(".json") && isCase(path)) found.push(path);
  }
  return found;
}

function isCase(path: string): boolean {
  try {
    const json = JSON.parse(Deno.readTextFileSync(path));
    return typeof json.kind === "string" && json.schema !== undefined;
  } catch {
    return false;
  }
}

/** The case's faults; empty where it passes. */
export async function runCase(path: string): Promise<{ kind: string; faults: string[] }> {
  let testCase: Case;
  try {
    testCase = readCase(path);
  } catch (error) {
    return {
      kind: "unreadable",
      faults: [`can't be read: ${error instanceof Error ? error.message : error}`],
    };
  }
  const runner = await runnerOf(testCase.kind);
  if (!runner) return { kind: testCase.kind, faults: [`the kind "${testCase.kind}" has no implementation`] };
  let outcome: Outcome;
  try {
    outcome = await runner(testCase);
  } catch (error) {
    return { kind: testCase.kind, faults: judgeError(testCase, error) };
  }
  return { kind: testCase.kind, faults: judge(testCase, outcome) };
}

function judge(testCase: Case, outcome: Outcome): string[] {
  const expected = testCase.expect.error;
  if (expected !== undefined && expected !== null && expected !== false) {
    return [`must be refused (${JSON.stringify(testCase.expect)}), but was accepted`];
  }
  return compare(testCase, outcome);
}

/** A case that expects an error passes with one that the library raised, for the reason it names, if it names one. */
function judgeError(testCase: Case, error: unknown): string[] {
  const expected = testCase.expect.error;
  const shown = error instanceof Error ? error.stack : error;
  if (expected === undefined || expected === false) return [`failed: ${shown}`];
  if (!(error instanceof Error) || isProgrammingFault(error)) return [`failed instead of refusing: ${shown}`];
  const reason = "reason" in error ? error.reason : undefined;
  if (typeof expected === "string" && reason !== expected) {
    return [`must be refused as "${expected}", but was as "${reason}": ${error.message}`];
  }
  return [];
}

/** Errors that the language raises itself: the code stumbled over the input and did not judge it. */
function isProgrammingFault(error: Error): boolean {
  return [TypeError, ReferenceError, SyntaxError].some((type) => error.constructor === type) ||
    /^(Invalid (typed )?array|Array buffer|Maximum call stack|Offset is outside|Invalid string length)/.test(
      error.message,
    );
}

if (import.meta.main) {
  const folders = Deno.args;
  const lost = folders.find((folder) => statSync(folder, { throwIfNoEntry: false }) === undefined);
  if (folders.length === 0 || lost !== undefined) {
    const problem = lost === undefined ? "no folder of cases was given" : `there is no ${lost}`;
    console.error(
      `error: ${problem}; expected folders with cases, files of JSON with the fields kind and schema: ` +
        "deno task conformance FOLDER…",
    );
    Deno.exit(2);
  }
  let passed = 0;
  let failed = 0;
  for (
    const path of folders.flatMap((folder) => statSync(folder).isDirectory() ? findCases(folder) : [folder])
  ) {
    const { kind, faults } = await runCase(path);
    if (faults.length === 0) passed++;
    else failed++;
    console.log(`${faults.length === 0 ? "pass" : "FAIL"} ${kind} ${path}`);
    for (const fault of faults.slice(0, 5)) console.log(`     ${fault}`);
    if (faults.length > 5) console.log(`     and ${faults.length - 5} more`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}
