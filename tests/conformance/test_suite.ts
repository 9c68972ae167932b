/** Declares the test of a suite of the shared fixtures, skipped where they are absent. */

import assert from "node:assert";
import { join } from "node:path";
import { sharedFolder } from "../shared.ts";
import { findCases, runCase } from "./main.ts";

export function testSuite(suite: string): void {
  const shared = sharedFolder();
  Deno.test({
    name: `${suite} agree with the reference${shared ? "" : " (skipped: there is no ../shared)"}`,
    ignore: shared === undefined,
    async fn() {
      const cases = findCases(join(shared!, "fixtures", suite));
      assert.ok(cases.length > 0);
      const failed: string[] = [];
      for (const path of cases) {
        const { faults } = await runCase(path);
        if (faults.length > 0) failed.push(`${path}: ${faults.join("; ")}`);
      }
      assert.deepStrictEqual(failed, []);
    },
  });
}
