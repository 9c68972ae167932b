/** No test asserts how long something takes: machines and their load differ. Work is counted instead, by `tests/work.ts`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, PROJECT } from "./project_files.ts";

/** Tests that name a clock for another purpose. */
const ALLOWED: Readonly<Record<string, string>> = {
  "tests/flow/commands/gc_test.ts": "sets back the time stamps of files",
  "tests/flow/definition/sandbox_test.ts": "lists calls that a definition may not make",
  "tests/flow/kinds/gpu_user.ts": "says which actions ran at once",
  "tests/flow/process/process_test.ts":
    "has a child that computes until it has used CPU time that must be counted",
  "tests/flow/store/gc_test.ts": "sets back the time stamps of files",
  "tests/house/clocks_test.ts": "searches for clocks",
  "tests/tasks/recorded_kinds.ts": "says which jobs ran at once",
};

const CLOCK = /(?:performance\.now|Date\.now|cpuUsage|hrtime(?:\.bigint)?)\(/;

Deno.test("no test reads a clock to assert a time", () => {
  const readers = filesBelow("tests").filter((path) =>
    path.endsWith(".ts") && CLOCK.test(readFileSync(join(PROJECT, path), "utf8"))
  );
  assert.deepEqual(readers, Object.keys(ALLOWED));
});
