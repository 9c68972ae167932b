/** The files of a report: digests outlive the contents that they were made of, and are made once for all pages. */

import assert from "node:assert/strict";
import { ReportFiles } from "../../../lib/report/page/report_files.ts";

Deno.test("what the page of a study takes of a run is not read again after the page of its row", () => {
  const read: string[] = [];
  const readOne = (path: string) => {
    read.push(path);
    return path.toUpperCase();
  };
  const digest = (content: string) => content.length;
  const runs = ["aa", "bbb", "c"].map((path, at) => ({
    label: path,
    path,
    row: at < 2 ? "first" : "second",
  }));
  const files = new ReportFiles({ runs });
  const own = files.ofRow("first");
  assert.equal(own.content("runs", readOne), "AA");
  assert.deepEqual(own.digests("runs", readOne, digest).map(({ content }) => content), [2, 3]);
  assert.deepEqual(read, ["aa", "bbb"]);
  const all = files.digests("runs", readOne, digest);
  assert.deepEqual(all.map(({ label, content }) => [label, content]), [["aa", 2], ["bbb", 3], ["c", 1]]);
  assert.deepEqual(files.ofRow("second").digests("runs", readOne, digest).map(({ content }) => content), [1]);
  assert.deepEqual(read, ["aa", "bbb", "c"]);
});
