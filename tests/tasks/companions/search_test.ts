/** What is said of a search while it goes on. */

import assert from "node:assert/strict";
import { standing } from "../../../tasks/companions/search.ts";

type Result = Parameters<typeof standing>[0][number];

function trial(id: string, place: number, width: number, value: number | null, state = "complete"): Result {
  const result = { trial: place, state, assignment: { width }, value, reports: [] };
  return { id, kind: "trial", params: {}, text: JSON.stringify(result) };
}

function suggestion(id: string, width: number, direction: string): Result {
  return { id, kind: "suggest", params: { direction }, text: JSON.stringify({ width }) };
}

Deno.test("the best trial is told by the direction of its search, with what was pruned and failed", () => {
  const trials = [
    trial("trial[trial=0]", 0, 3, 0.25),
    trial("trial[trial=1]", 1, 4, 0.5),
    trial("trial[trial=2]", 2, 5, null, "pruned"),
    trial("trial[trial=3]", 3, 6, null, "failed"),
  ];
  const lines = (direction: string) => standing([suggestion("suggest[trial=1]", 4, direction), ...trials]);
  assert.deepEqual(lines("maximize"), ["best of 4 trials (1 pruned, 1 failed): trial 1 with 0.5: width 4"]);
  assert.deepEqual(lines("minimize"), ["best of 4 trials (1 pruned, 1 failed): trial 0 with 0.25: width 3"]);
  assert.deepEqual(standing([suggestion("suggest[trial=3]", 6, "maximize"), trials[3]]), [
    "no complete one of 1 trial (1 failed)",
  ]);
});

Deno.test("searches along another axis, and of other tasks, are told apart, also where numbers are the same", () => {
  const results = [3, 4].flatMap((seed) =>
    [3, 4].flatMap((place) => {
      const member = `[seed=${seed},trial=${place}]`;
      return [
        suggestion(`suggest${member}`, 10 * seed + place, "maximize"),
        trial(`trial${member}`, place, 10 * seed + place, seed * place),
      ];
    })
  );
  assert.deepEqual(standing(results), [
    "trial[seed=3]: best of 2 trials: trial 4 with 12: width 34",
    "trial[seed=4]: best of 2 trials: trial 4 with 16: width 44",
  ]);
});

Deno.test("trials whose direction is not known are left out, as are results of another form", () => {
  assert.deepEqual(standing([trial("trial[trial=0]", 0, 3, 0.25)]), []);
  const strange = { id: "trial[trial=0]", kind: "trial", params: {}, text: "{}" };
  assert.deepEqual(standing([suggestion("suggest[trial=0]", 3, "maximize"), strange]), []);
});
