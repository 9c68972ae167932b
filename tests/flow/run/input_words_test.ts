/** Paths of a work folder in errors and logs become the user's. */

import assert from "node:assert/strict";
import type { ResolvedInput } from "../../../lib/flow/key/resolve.ts";
import { inUserWords } from "../../../lib/flow/run/input_words.ts";

const CWD = "/store/work/0123";
const input = (name: string, rest: object) => ({ name, ...rest }) as unknown as ResolvedInput;
const INPUTS = [
  input("data", { from: "source", source: { path: "/home/ann/birds" } }),
  input("data-2", { from: "task", task: "masks" }),
  input("runs", { label: "seed=1", from: "task", task: "train[seed=1]" }),
  input("runs", { label: "seed=2", from: "source", source: { path: "/home/ann/$&" } }),
];
const WORKSPACE = {
  cwd: CWD,
  inputs: {
    "data": [`${CWD}/in/data`],
    "data-2": [`${CWD}/in/data-2`],
    "runs": [`${CWD}/in/runs/seed=1`, `${CWD}/in/runs/seed=2`],
  },
};

Deno.test("each path of an input is told as the user knows it, and no other names the work folder", () => {
  const cases = [
    [`${CWD}/in/data/images/a b.png: cut`, "/home/ann/birds/images/a b.png: cut"],
    [`${CWD}/in/data-2/x and ${CWD}/in/data`, "the output of masks/x and /home/ann/birds"],
    [`${CWD}/in/runs/seed=1/state`, "the output of train[seed=1]/state"],
    [`${CWD}/in/runs/seed=2/state`, "/home/ann/$&/state"],
    [`can't write ${CWD}/out/data/x`, "can't write out/data/x"],
    ["nothing to say", "nothing to say"],
  ];
  for (const [text, expected] of cases) assert.equal(inUserWords(text, WORKSPACE, INPUTS), expected);
});
