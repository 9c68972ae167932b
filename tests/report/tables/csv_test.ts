/** Tables as comma-separated values. */

import assert from "node:assert/strict";
import { csvTable } from "../../../lib/report/tables/csv.ts";

Deno.test("cells with separators, quotes or line ends are quoted", () => {
  const rows = [["run", "Accuracy"], ["seed=1", 97.5], ['a,"b"\nc', -0.5]];
  assert.equal(csvTable(rows), 'run,Accuracy\r\nseed=1,97.5\r\n"a,""b""\nc",-0.5\r\n');
});
