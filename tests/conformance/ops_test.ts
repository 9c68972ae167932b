/** The suite `ops` of the shared fixtures, where they are present. */

import assert from "node:assert";
import { join } from "node:path";
import { sharedFolder } from "../shared.ts";
import { findCases, runCase } from "./main.ts";

const shared = sharedFolder();

Deno.test({
  name: `operations agree with PyTorch${shared ? "" : " (skipped: there is no ../shared)"}`,
  ignore: shared === undefined,
  async fn() {
    const failed: string[] = [];
    for (const path of findCases(join(shared!, "fixtures/ops"))) {
      const { faults } = await runCase(path);
      if (faults.length > 0) failed.push(`${path}: ${faults.join("; ")}`);
    }
    assert.deepStrictEqual(failed, []);
  },
});
