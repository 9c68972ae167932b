/** ProtoMask's cases of the suites `models`, `training`, `projection` and `pipeline`, where they are present. */

import assert from "node:assert";
import { join } from "node:path";
import { sharedFolder } from "../shared.ts";
import { readCase } from "./case.ts";
import { findCases, runCase } from "./main.ts";

const shared = sharedFolder();

function isForModel(path: string, model: string): boolean {
  const { params, kind } = readCase(path);
  return (params.model ?? model) === model && kind !== "models.presence";
}

for (const suite of ["models", "training", "projection", "pipeline"]) {
  Deno.test({
    name: `ProtoMask agrees with the reference in ${suite}${
      shared ? "" : " (skipped: there is no ../shared)"
    }`,
    ignore: shared === undefined,
    async fn() {
      const cases = findCases(join(shared!, "fixtures", suite)).filter((path) =>
        isForModel(path, "protomask")
      );
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
