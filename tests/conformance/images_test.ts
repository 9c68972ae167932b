/** Every case of the suites `images` and `augment`. */

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { decodeImage } from "../../lib/vision/decode.ts";
import { pathOf, readCase } from "./case.ts";
import { findCases } from "./main.ts";
import { sharedFolder } from "../shared.ts";
import { testSuite } from "./test_suite.ts";

const shared = sharedFolder();

for (const suite of ["images", "augment"]) testSuite(suite);

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
