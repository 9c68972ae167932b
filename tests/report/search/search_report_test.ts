/** The page of a search: what it shows, what it leaves out, and how it looks in a browser. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RUN_FACTS_PLACEHOLDER } from "../../../lib/report/report_page.ts";
import { searchView } from "../../../lib/report/search/search_view.ts";
import { Chromium, hasChromium } from "../chromium.ts";
import { HOSTILE } from "../content.ts";
import { assertLooksRight } from "../looks.ts";
import { searchFiles, TRIALS } from "./search_content.ts";

const sectionsOf = (page: string) => [...page.matchAll(/<section id="([^"]*)">/g)].map(([, id]) => id);

/** A run in which the trials from 12 on were reused; a data set is needed by all of them. */
const FACTS = {
  run: "20260102-030405-006-abcd",
  workflow: "search",
  command: "deno task run search",
  result: {
    task: "report",
    inputs: { trials: TRIALS.map(({ trial }) => ({ task: `trial[trial=${trial}]`, output: "trial" })) },
  },
  tasks: [
    { id: "data", task: "data", kind: "dataset", key: "d", outcome: "ran", ms: 1e9, needs: [], params: {} },
    ...TRIALS.flatMap(({ trial, state }) => {
      const task = (name: string, ms: number, needs: string[]) => ({
        id: `${name}[trial=${trial}]`,
        task: name,
        kind: name,
        key: `${name}${trial}`,
        outcome: trial < 12 ? "ran" : "reused",
        ms,
        needs,
        params: { trial },
      });
      const before = TRIALS.slice(0, trial).map((earlier) => `trial[trial=${earlier.trial}]`);
      return [
        task("suggest", 0, before),
        task("train", state === "pruned" ? 20_000 : 60_000, ["data", `suggest[trial=${trial}]`]),
        task("trial", 0, [`train[trial=${trial}]`]),
      ];
    }),
  ],
  overrides: [],
};

Deno.test("the page shows the best values, all trials and what was pruned, and is the same each time", () => {
  const { "index.html": page, ...files } = searchFiles();
  assert.deepEqual(searchFiles()["index.html"], page);
  assert.equal(page.split(RUN_FACTS_PLACEHOLDER).length, 2);
  assert.deepEqual(sectionsOf(page), [
    "pipeline-section",
    "best",
    "history",
    "importance",
    "parallel",
    "slices",
    "early-ends",
    "saved",
    "trials",
  ]);
  const best = TRIALS.filter(({ state }) => state === "complete")
    .reduce((a, b) => b.value! < a.value! ? b : a);
  assert.match(page, new RegExp(`The best values</b>, of trial ${best.trial}:`));
  assert.match(page, /3 pruned trials left out 6 steps in all; complete ones went up to step 4/);
  assert.match(page, /<th scope="row">7<\/th>\s*<td>failed<\/td>\s*<td>1<\/td>\s*<td>–<\/td>/);
  assert.ok(!page.includes('onerror="broken'));
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
  const lines = files["trials.csv"].trim().split("\r\n");
  assert.equal(lines.length, 1 + TRIALS.length);
  assert.match(lines[0], /^trial,joint.rate,depth,smoothing,name,objective,best so far$/);
  const tsv = /<summary>TSV<\/summary>.*?<pre tabindex="0">([^]*?)<\/pre>/.exec(page)![1].split("\n");
  assert.equal(tsv.length, 1 + TRIALS.length);
  assert.ok(tsv.every((line) => line.split("\t").length === 7));
});

Deno.test("a search without reports, with one trial or with failed ones alone has a page as well", () => {
  const first = TRIALS.slice(0, 1).map((trial) => ({ ...trial, reports: [] }));
  assert.deepEqual(sectionsOf(searchFiles(first)["index.html"]), [
    "pipeline-section",
    "best",
    "history",
    "parallel",
    "slices",
    "saved",
    "trials",
  ]);
  const failed = searchFiles([TRIALS[7]])["index.html"];
  assert.match(failed, /No trial is complete/);
  assert.doesNotMatch(failed, /NaN|Infinity|undefined/);
});

Deno.test("times are those of the tasks that a trial alone needs, by the run", () => {
  const { places } = searchView(FACTS, searchFiles()["index.html"]);
  const [pruned, others] = [3, 21];
  const all = (pruned * 20 + others * 60) / 60;
  assert.match(places!["search-times"], new RegExp(`take ${all.toFixed(1)} min in all`));
  assert.match(places!["search-times"], /In this run 10\.7 min of it were reused/);
  assert.match(places!["search-times"], /a pruned one 20 s, so that pruning saved about 2\.0 min/);
});

Deno.test({
  name: `the page of a search looks right in a browser${
    hasChromium ? "" : " (left out: there is no /usr/bin/chromium)"
  }`,
  ignore: !hasChromium,
  async fn() {
    const folder = Deno.makeTempDirSync();
    const plain = searchFiles()["index.html"];
    const json = JSON.stringify(searchView(FACTS, plain)).replaceAll("<", "\\u003c");
    const path = join(folder, "index.html");
    Deno.writeTextFileSync(path, plain.replace(RUN_FACTS_PLACEHOLDER, () => json));
    const chromium = await Chromium.start();
    try {
      await assertLooksRight(chromium, pathToFileURL(path).href, { title: HOSTILE, images: 0 });
      const read = await chromium.evaluate<string>(`(() => {
        const chart = document.querySelector("#history .readable");
        for (let i = 0; i < 6; i++) chart.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
        return chart.querySelector("output").textContent;
      })()`);
      assert.match(read, /^trial 5: [\d.]+ \(pruned\)$/);
      const times = await chromium.evaluate<string>(`document.getElementById("search-times").textContent`);
      assert.match(times, /pruning saved about/);
      const copied = await chromium.evaluate<string>(`(async () => {
        let text; navigator.clipboard.writeText = (given) => { text = given; return Promise.resolve(); };
        document.querySelector("#trials [data-copy]").click();
        await new Promise((resolve) => setTimeout(resolve));
        return text;
      })()`);
      assert.match(copied, /^trial\tjoint\.rate\tdepth/);
    } finally {
      await chromium.close();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
