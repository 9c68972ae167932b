/** Every case of the suites `images` and `augment`. */

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { findCases, runCase } from "./main.ts";
import { sharedFolder } from "../shared.ts";

const shared = sharedFolder();

for (const suite of ["images", "augment"]) {
  Deno.test({
    name: `every case of the suite ${suite} passes`,
    ignore: shared === undefined,
    async fn() {
      const faults: string[] = [];
      const cases = findCases(join(shared!, "fixtures", suite));
      for (const path of cases) {
        for (const fault of (await runCase(path)).faults) faults.push(`${path}: ${fault}`);
      }
      assert.deepEqual(faults, []);
      assert.ok(cases.length > 50);
    },
  });
}
