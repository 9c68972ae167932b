/** The page of an experiment with variants: one table of them, which a browser shows whole. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readEvaluation } from "../../../lib/evaluate/evaluation_file.ts";
import { variantsFigure } from "../../../lib/report/sections/variants.ts";
import { Chromium, hasChromium } from "../chromium.ts";
import { evaluationPath, HOSTILE, inFolder, pageOf, type ReportContent, writeContent } from "../content.ts";
import { assertLooksRight } from "../looks.ts";

/** Two variants of two runs each, without pictures. */
function comparedContent(folder: string): ReportContent {
  const { options, paths: { data, evaluations } } = writeContent(folder);
  const evaluation = readEvaluation(evaluations[0].path);
  const run = (label: string, results: Record<string, number>) =>
    evaluationPath(folder, label, { ...evaluation, results: { ...evaluation.results, ...results } });
  return {
    options,
    paths: {
      data,
      evaluations: [
        run("loss=published,seed=1", { "Accuracy": 75, "Background Overlap": 20 }),
        run("loss=published,seed=2", { "Accuracy": 77, "Background Overlap": 20 }),
        run("loss=no-sep,seed=1", { "Accuracy": 71, "Background Overlap": 12.5, "NPR": 0.5 }),
        run("loss=no-sep,seed=2", { "Accuracy": 71, "Background Overlap": 12.5, "NPR": 0.5 }),
      ],
    },
  };
}

async function comparedPage(folder: string): Promise<string> {
  return await pageOf(comparedContent(folder));
}

Deno.test("variants stand in one table, with their spread, the change and the best", async () => {
  await inFolder(async (folder) => {
    const page = await comparedPage(folder);
    assert.match(page, /<th class="place">published<\/th><td class="best">76\.00 ± 1\.41<\/td>/);
    assert.match(page, /<th class="place">no-sep<\/th><td>71\.00 ± 0\.00<small>-5\.00<\/small><\/td>/);
    assert.match(
      page,
      /<td class="best">12\.50 ± 0\.00<small>-7\.50<\/small><\/td>/,
      "the lower is the better",
    );
    assert.match(page, /<td>–<\/td>/, "NPR of the first variant is infinite");
    assert.match(page, /<td>0\.50 ± 0\.00<\/td>/, "without a first figure there is no change");
    assert.match(page, /Left out: .*Consistency: x&#34;/);
    assert.match(page, /\| \*\*76\.00 ± 1\.41\*\* /);
    assert.match(page, /^published &#38; \\textbf\{76\.00 \$\\pm\$ 1\.41\} /m);
    assert.match(page, /^no-sep,&#34;loss=no-sep,seed=2&#34;,71,/m);
    assert.match(page, /<a href="#variants">Variants<\/a>/);
    for (const absent of ["tables", "prototypes", "images", "curves"]) {
      assert.ok(!page.includes(`id="${absent}"`), absent);
    }
  });
});

Deno.test("names of axes and variants are escaped", async () => {
  await inFolder((folder) => {
    const { paths: { evaluations } } = comparedContent(folder);
    const runs = evaluations.map(({ label, path }) => ({ label, evaluation: readEvaluation(path) }));
    const variants = [["a"], [HOSTILE]].map((place, i) => ({ place, runs: [runs[i]] }));
    const { text } = variantsFigure({ axes: [HOSTILE], variants });
    assert.ok(!text.includes("<script"));
    assert.ok(!text.includes("<img"));
    const escaped = text.split("&#60;script&#62;").length - 1;
    assert.equal(escaped, 1 + 2 * 4, "a reason; an axis and a variant in HTML and the three formats");
  });
});

Deno.test({
  name: `variants look right in a browser${hasChromium ? "" : " (left out: there is no /usr/bin/chromium)"}`,
  ignore: !hasChromium,
  async fn() {
    await inFolder(async (folder) => {
      const path = join(folder, "index.html");
      writeFileSync(path, await comparedPage(folder));
      const url = pathToFileURL(path).href;
      const chromium = await Chromium.start();
      try {
        await assertLooksRight(chromium, url, { title: HOSTILE, images: 0 });
        const best = await chromium.evaluate<string[]>(
          `[...document.querySelectorAll(".variants .best")].map(({ firstChild }) => firstChild.textContent)`,
        );
        assert.deepEqual(best, ["76.00 ± 1.41", "12.50 ± 0.00"]);
        const hidden = await chromium.evaluate<number>(
          `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector("#variants .scroll"))`,
        );
        assert.equal(hidden, 0, "the table is as wide as the page");
        const copied = await chromium.evaluate<string>(`(async () => {
          let text; navigator.clipboard.writeText = (given) => { text = given; return Promise.resolve(); };
          document.querySelectorAll("#variants [data-copy]")[2].click();
          await new Promise((resolve) => setTimeout(resolve));
          return text;
        })()`);
        assert.match(copied, /^loss,run,Accuracy,/);
      } finally {
        await chromium.close();
      }
    });
  },
});
