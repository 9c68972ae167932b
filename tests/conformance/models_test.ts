/** The suites `models`, `training`, `projection` and `pipeline` of the shared fixtures, where they are present. */

import assert from "node:assert";
import { join } from "node:path";
import { sharedFolder } from "../shared.ts";
import { findCases, runCase } from "./main.ts";

const shared = sharedFolder();

for (const suite of ["models", "training", "projection", "pipeline"]) {
  Deno.test({
    name: `prototype models agree with the reference in ${suite}${
      shared ? "" : " (skipped: there is no ../shared)"
    }`,
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
