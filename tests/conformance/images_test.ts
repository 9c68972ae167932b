/** Every case of the suites `images` and `augment`. */

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { decodeImage } from "../../lib/vision/decode.ts";
import { pathOf, readCase } from "./case.ts";
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

Deno.test({
  name: "every file that must be refused is refused for the stated reason",
  ignore: shared === undefined,
  async fn() {
    const cases = findCases(join(shared!, "fixtures/images")).map(readCase);
    const refused = cases.filter(({ kind, expect }) =>
      kind === "images.decode_error" && expect.error === true
    );
    assert.ok(refused.length > 5);
    for (const testCase of refused) {
      const path = pathOf(testCase, testCase.params.file);
      await assert.rejects(decodeImage(path), {
        name: "ImageError",
        reason: testCase.params.reason,
        file: path,
      });
    }
  },
});
