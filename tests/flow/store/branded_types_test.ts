/** Digests and keys are types of their own: the compiler refuses one where another is expected. */
import assert from "node:assert";
import type { ActionKey, FileDigest, TreeDigest } from "../../../lib/flow/store/types.ts";

type Accepts<Wanted, Given> = Given extends Wanted ? true : false;

Deno.test("no digest or key is taken for another, nor a plain text for any of them", () => {
  const mistakes: [
    Accepts<TreeDigest, FileDigest>,
    Accepts<ActionKey, TreeDigest>,
    Accepts<FileDigest, ActionKey>,
    Accepts<FileDigest, string>,
    Accepts<TreeDigest, string>,
    Accepts<ActionKey, string>,
  ] = [false, false, false, false, false, false];
  assert.ok(!mistakes.includes(true as never), "the check is done by the compiler");
});
