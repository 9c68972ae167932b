/** The report's page: whole and escaped as text, and looked at in a browser. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runView } from "../../lib/report/page/run_view.ts";
import { RUN_FACTS_PLACEHOLDER } from "../../lib/report/report_page.ts";
import { Chromium, hasChromium } from "./chromium.ts";
import { HOSTILE, inFolder, pageOf, type ReportContent, reportFiles, writeContent } from "./content.ts";
import { assertLooksRight } from "./looks.ts";

const FACTS = {
  run: "20260102-030405-006-abcd",
  workflow: "birds",
  command: `deno task run birds --set "${HOSTILE}"`,
  result: {
    task: "report",
    output: "page",
    inputs: { evaluations: [1, 2].map((seed) => ({ task: `evaluate[seed=${seed}]`, output: "evaluation" })) },
  },
  tasks: [
    {
      id: "data",
      task: "data",
      kind: "dataset",
      key: "d".repeat(64),
      outcome: "reused",
      ms: 900,
      needs: [],
      params: { name: HOSTILE, birds: { size: 48 } },
    },
    ...[1, 2].map((seed) => ({
      id: `evaluate[seed=${seed}]`,
      task: "evaluate",
      kind: "evaluate",
      key: `${seed}`.repeat(64),
      outcome: seed === 1 ? "ran" : "reused",
      ms: 61_000,
      needs: ["data"],
      params: { seed, k: 4 },
    })),
  ],
  overrides: [{ field: "data.birds", by: "profile" }, { field: "matrix.seed", by: "set" }],
};

Deno.test("the page holds all its parts, escapes what it is given, and is the same each time", async () => {
  await inFolder(async (folder) => {
    const content = writeContent(folder);
    const page = await pageOf(content);
    assert.equal(await pageOf(content), page);
    assert.equal(page.split(RUN_FACTS_PLACEHOLDER).length, 2, "there is one placeholder");
    assert.equal(typeof JSON.parse(RUN_FACTS_PLACEHOLDER), "string", "without a run the page parses it");
    assert.equal(page.match(/<script>/g)?.length, 1);
    assert.ok(!page.includes('onerror="broken'));
    assert.match(
      page,
      /<td><a href="#values-of-images">75\.00 ± 0\.00<\/a><small>plain 75\.00 ± 0\.00<\/small><\/td>/,
    );
    assert.match(page, /Left out: .*NPR: it is not finite/);
    assert.match(page, / &#38; |75\.00 \$\\pm\$ 0\.00/);
    assert.match(page, /seed=1,75,70\.123/);
    assert.equal(page.match(/<div class="card" id="p/g)?.length, 3, "3 of 4 prototypes");
    assert.equal(page.match(/<div class="row" id="decision-/g)?.length, 3, "3 of 4 images");
    assert.equal(page.match(/ with its saliency"/g)?.length, 3 + 3 * 3 * 2, "of each prototype and pair");
    assert.match(page, /3 of 4/);
    assert.doesNotMatch(page, /src="(?!data:image\/jpeg;base64,)/);
    const files = await reportFiles(content);
    for (const [, href] of page.matchAll(/href="([^"#][^"]*)"/g)) assert.ok(files.has(href), href);
    assert.ok(page.length < 6 * 2 ** 20);
  });
});

Deno.test("sections without their inputs are left out, with their links", async () => {
  await inFolder(async (folder) => {
    const { options, paths: { data, evaluations, trainViews, prototypes, logs } } = writeContent(folder);
    const sectionsOf = async (paths: ReportContent["paths"]) => {
      const page = await pageOf({ options, paths });
      const ids = [...page.matchAll(/<section id="([^"]*)">/g)].map(([, id]) => id);
      assert.deepEqual(
        [...page.matchAll(/<a href="#(?!values-of|decision-|p\d)([^"]*)">/g)].map(([, id]) => id),
        ids,
      );
      return ids.slice(1);
    };
    assert.deepEqual(await sectionsOf({ data, evaluations }), ["tables", "mistakes", "removal", "values"]);
    assert.deepEqual(await sectionsOf({ data, evaluations, logs: [], trainViews }), [
      "tables",
      "mistakes",
      "removal",
      "values",
    ]);
    assert.deepEqual(
      await sectionsOf({ data, evaluations, logs, trainViews, prototypes }),
      ["tables", "curves", "prototypes", "mistakes", "removal", "values"],
      "prototypes need neither test views nor saliency",
    );
  });
});

Deno.test({
  name: `the page looks right in a browser${hasChromium ? "" : " (left out: there is no /usr/bin/chromium)"}`,
  ignore: !hasChromium,
  async fn() {
    await inFolder(async (folder) => {
      const plain = await pageOf(writeContent(folder));
      const json = JSON.stringify(runView(FACTS, plain)).replaceAll("<", "\\u003c");
      const page = plain.replace(RUN_FACTS_PLACEHOLDER, () => json);
      const path = join(folder, "index.html");
      writeFileSync(path, page);
      const url = pathToFileURL(path).href;
      const chromium = await Chromium.start();
      try {
        await assertLooksRight(chromium, url, { title: HOSTILE, images: 3 * 2 + 3 * (1 + 3 * 4) });
        const pipeline = await chromium.evaluate<string[]>(
          `[...document.querySelectorAll("#pipeline svg > g text")].map(({ textContent }) => textContent)`,
        );
        assert.deepEqual(pipeline, ["data", "reused, saved 0.9 s", "evaluate × 2", "1 of 2 ran"]);
        const params = await chromium.evaluate<string[]>(
          `[...document.querySelectorAll("#params tbody tr")].map(({ cells, className }) =>
            [...cells].map(({ textContent }) => textContent).join(";") + className)`,
        );
        assert.deepEqual(params, [
          `data;name;${HOSTILE};`,
          "data;birds.size;48;profileoverridden",
          "evaluate;seed;1 | 2;",
          "evaluate;k;4;",
        ]);
        await assertEnlarges(chromium);
        const read = await chromium.evaluate<string[]>(
          `[...document.querySelectorAll("#curves .readable")].map((chart) => {
          for (let i = 0; i < 2; i++) chart.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
          return chart.querySelector("p").textContent.slice(0, 12) + chart.querySelector("output").textContent;
        })`,
        );
        assert.equal(read.length, 3, "loss, its term and accuracy");
        assert.match(read[1], /^Cluster costepoch 2; seed=1: 3; /);
        const made = await chromium.evaluate<string>(`document.querySelector("#tables .made").textContent`);
        assert.match(made, /deno task get birds 'evaluate\[seed=1\]\.evaluation' FOLDER/);
        assert.ok(made.includes("1".repeat(64)) && made.includes("2".repeat(64)));
        const first = await chromium.evaluate<string>(`document.querySelector("#images .made").textContent`);
        assert.ok(
          first.includes("1".repeat(64)) && !first.includes("2".repeat(64)),
          "of the shown run alone",
        );
        const copied = await chromium.evaluate<string>(`(async () => {
          let text; navigator.clipboard.writeText = (given) => { text = given; return Promise.resolve(); };
          document.querySelector("#tables [data-copy]").click();
          await new Promise((resolve) => setTimeout(resolve));
          return text;
        })()`);
        assert.match(copied, /^\|.*\| Accuracy/);
      } finally {
        await chromium.close();
      }
    });
  },
});

/** By the keyboard: the picture opens with its frame and name, and when it closes the focus is where it was. */
async function assertEnlarges(chromium: Chromium): Promise<void> {
  const seen = await chromium.evaluate<Record<string, unknown>>(`(() => {
    const button = document.querySelector("#images .decision .picture");
    const dialog = document.getElementById("enlarged");
    button.focus();
    button.click();
    const open = { isOpen: dialog.open, frames: dialog.querySelectorAll("i").length, isInside: dialog.contains(document.activeElement),
      name: dialog.querySelector("p").textContent === button.querySelector("img").alt };
    dialog.querySelector("button").click();
    return { ...open, isClosed: !dialog.open, isBack: document.activeElement === button };
  })()`);
  assert.deepEqual(seen, {
    isOpen: true,
    frames: 1,
    isInside: true,
    name: true,
    isClosed: true,
    isBack: true,
  });
}
