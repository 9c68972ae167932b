/** The suite `sam2` of the shared fixtures, where they are present. */

import assert from "node:assert";
import { join } from "node:path";
import { sharedFolder } from "../shared.ts";
import { findCases, runCase } from "./main.ts";

const shared = sharedFolder();

Deno.test({
  name: `SAM 2 and its mask generator agree with the reference${
    shared ? "" : " (skipped: there is no ../shared)"
  }`,
  ignore: shared === undefined,
  async fn() {
    const cases = findCases(join(shared!, "fixtures/sam2"));
    assert.ok(cases.length > 40);
    const failed: string[] = [];
    for (const path of cases) {
      const { faults } = await runCase(path);
      if (faults.length > 0) failed.push(`${path}: ${faults.join("; ")}`);
    }
    assert.deepStrictEqual(failed, []);
  },
});
