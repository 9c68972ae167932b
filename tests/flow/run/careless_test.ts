/** Kinds whose code is careless: each is told what is wrong, and nothing wrong is kept. */

import assert from "node:assert/strict";
import { inProject, outcomes } from "../cli.ts";
import { WAYS } from "../kinds/careless.ts";

const SPOILT =
  /^what its process reported is not whole in tmp\/\S+: .*the code of the kind has written to that file/;
const ofB = (reason: string) =>
  new RegExp(`^1 of 3 items failed \\(the others are cached\\)\\s+b: ${reason}$`);

const REASONS: Readonly<Record<string, RegExp>> = {
  "no list": /^the items are undefined; expected a list of items \{ id, files, facts\? \}$/,
  "a set": /^the items are Set\(1\) .*; expected a list of items/,
  "no files": /^item "a": its files are undefined; expected lists of paths by input name, \{\} for none$/,
  "files by map": /^item "a": files is a Map; expected a plain object/,
  "no id": /^item 0: its id is 5; expected a text$/,
  "half a character": /^item "\\ud800": id has a lone surrogate; expected Unicode text$/,
  "a field in no key": /^item "a": it has the field caption, which would be in no key; put .* into facts$/,
  "a promise left alone": ofB("nobody waited"),
  "an error in a timer": ofB("in a timer"),
  "no progress": ofB('done of the progress is "half"; expected a finite number'),
  "its own exit code": ofB("exit code 74"),
  "another item": SPOILT,
  "an endless item": SPOILT,
  "an item twice": SPOILT,
  "half a line": SPOILT,
};

Deno.test("a kind whose code is careless is told what is wrong, and its task fails", async () => {
  await inProject(async (project) => {
    project.workflow(
      Object.fromEntries(WAYS.map((way, i) => [`t${i}`, { kind: "careless", params: { way } }])),
    );
    const ran = await project.run();
    assert.equal(ran.code, 1, ran.err);
    for (const [i, way] of WAYS.entries()) {
      assert.equal(outcomes(ran)[`t${i}`], "failed", way);
      const { reason } = ran.events.find(({ event, id }) => event === "action" && id === `t${i}`)!;
      assert.match(reason, REASONS[way], way);
    }
    assert.doesNotMatch(ran.out + ran.err, /fault of protoflow/);
  });
});
