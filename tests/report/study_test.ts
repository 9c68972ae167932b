/** The report of a study: one page over all rows, a page for each of them, and files of tables and figures. */

import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { decodeBytes } from "../../lib/vision/decode.ts";
import { Chromium, hasChromium } from "./chromium.ts";
import { inFolder, reportFiles } from "./content.ts";
import { assertLooksRight } from "./looks.ts";
import { studyContent } from "./study_content.ts";

const sectionsOf = (page: string) => [...page.matchAll(/<section id="([^"]*)">/g)].map(([, id]) => id);

Deno.test("a study has a page over all rows, and one for each row that was run; all links lead somewhere", async () => {
  await inFolder(async (folder) => {
    const files = await reportFiles(studyContent(folder));
    const page = files.get("index.html") as string;
    assert.deepEqual(sectionsOf(page), [
      "pipeline-section",
      "study",
      "masks",
      "explanations",
      "segmentations",
    ]);
    assert.ok(!files.has("rows/cub200-protopool/index.html"), "it was not run");
    for (const path of [...files.keys()].filter((path) => path.endsWith(".html"))) {
      const text = files.get(path) as string;
      assert.ok(!text.includes('onerror="broken'));
      const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
      assert.equal(new Set(ids).size, ids.length, `ids of ${path} are unique`);
      for (const [, href] of text.matchAll(/href="([^"]*)"/g)) {
        const [target, id] = href.split("#");
        const file = target === "" ? path : normalize(join(dirname(path), target));
        assert.ok(files.has(file), `${path} leads to ${href}`);
        if (id) assert.ok((files.get(file) as string).includes(` id="${id}"`), `${path} leads to ${href}`);
      }
    }
  });
});

Deno.test("the tables of a study have a line for each row, and lead to its runs and values", async () => {
  await inFolder(async (folder) => {
    const files = await reportFiles(studyContent(folder));
    const page = files.get("index.html") as string;
    const [, table] = /<table class="study">([^]*?)<\/table>/.exec(page)!;
    const rows = [...table.matchAll(/<tr>\s*<th scope="(?:row|col)">([^]*?)<\/tr>/g)].map(([, row]) => row);
    assert.match(rows[1], /^<a href="rows\/cub200-sam2\/index\.html">ProtoMask &#60;SAM 2&#62;, birds<\/a>/);
    const cell = '<a href="rows/cub200-sam2/index.html#values-of-images">76.00 ± 1.41</a>';
    const plain = "<small>plain 75.00 ± 0.00</small>";
    assert.ok(rows[1].includes(`${cell}${plain}<small class="verdict">unknown</small>`), rows[1]);
    assert.match(rows[2], /^ProtoPool.*<td class="not-run"><span title="the row was not run">–</);
    assert.match(rows[3], /#values-of-images">60\.00<\/a>/);
    assert.ok(
      page.includes(
        "VLC and Consistency compare masks in ProtoMask &#60;SAM 2&#62;, birds, and boxes in PIP-Net, birds",
      ),
      "rows that are not comparable are named",
    );
    const { cells } = JSON.parse(files.get("published.json") as string);
    const verdict = (row: string, column: string) =>
      cells.find((cell: Record<string, string>) => cell.row === row && cell.column === column)?.verdict;
    assert.equal(verdict("cub200-sam2", "Accuracy"), "unknown");
    assert.equal(verdict("cub200-protopool", "Accuracy"), "not run");
    assert.equal(verdict("cub200-pipnet", "Intra PD"), undefined, "the paper has no such figure");
    assert.match(
      files.get("tables/table-1.csv") as string,
      /^cub200-pipnet,"PIP-Net, birds",Accuracy,1,60,,/m,
    );
    assert.match(files.get("tables/table-2.tex") as string, /12\.50 \$\\pm\$ 0\.00/);
    assert.match(files.get("tables/table-1.md") as string, /^\| ProtoPool.* \| – /m);
  });
});

Deno.test("the page of a row has the sections of its runs alone, and the values of all images as a file", async () => {
  await inFolder(async (folder) => {
    const files = await reportFiles(studyContent(folder));
    const masked = files.get("rows/cub200-sam2/index.html") as string;
    const shared = files.get("rows/cub200-pipnet/index.html") as string;
    assert.ok(sectionsOf(masked).includes("segmentations") && !sectionsOf(shared).includes("segmentations"));
    for (const id of ["tables", "prototypes", "images", "values"]) {
      assert.ok(sectionsOf(shared).includes(id), id);
    }
    assert.match(shared, /Prototypes of all classes/);
    assert.equal(shared.match(/<div class="card" id="p/g)?.length, 3, "the best place of each prototype");
    assert.match(shared, /Its similarity there is 0\.90\./);
    assert.doesNotMatch(shared, /similarity there is 0\.50/);
    const positions = JSON.parse(/id="positions">([^]*?)<\/script>/.exec(shared)![1]);
    assert.deepEqual([positions.evaluations, positions.data, positions.prototypes], [[2], [0], [1]]);
    const statistics = [...files.keys()].filter((name) => name.endsWith("-statistics.md"));
    assert.ok(statistics.some((name) => name.startsWith("rows/cub200-sam2/tables/")), statistics.join());
    assert.match(files.get(statistics[0]) as string, /^\| *count .* 2 /m);
    const lines = (files.get("rows/cub200-sam2/values/images.csv") as string).trimEnd().split("\r\n");
    assert.equal(lines.length, 1 + 2 * 4);
    assert.equal(lines[0], "run,image,class,predicted,is correct,is in top 3,VLC");
    assert.match(lines[2], /^seed=1,.*,0,1,0\.25$/, "the second image is misclassified");
    const prototypes = (files.get("rows/cub200-pipnet/values/prototypes.csv") as string).split("\r\n");
    assert.equal(prototypes[1], "seed=1,0,,1,1,2,");
  });
});

Deno.test("the figures of the paper are files beside the page", async () => {
  await inFolder(async (folder) => {
    const files = await reportFiles(studyContent(folder));
    const figures = [...files.keys()].filter((path) => path.startsWith("figures/"));
    assert.deepEqual(figures.sort(), [
      "figures/figure-2-overlap.svg",
      "figures/figure-2-size.svg",
      "figures/figure-3-birds.png",
      "figures/figure-4a-cub200-sam2.png",
      "figures/figure-4b-cub200-sam2.png",
    ]);
    const svg = files.get("figures/figure-2-size.svg") as string;
    assert.match(
      svg,
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*>birds, ProtoMask &#60;SAM 2&#62;<\/text>/,
    );
    assert.equal(svg.match(/<circle/g)?.length, 3, "a point for each rank");
    const sizeOf = async (path: string) => {
      const { width, height } = await decodeBytes(files.get(path) as Uint8Array, path);
      return [width, height];
    };
    assert.deepEqual(
      await sizeOf("figures/figure-3-birds.png"),
      [8 * 22 + 6, 2 * 22 + 6],
      "two models, four pairs",
    );
    assert.deepEqual(await sizeOf("figures/figure-4a-cub200-sam2.png"), [2 * 54 + 6, 54 + 6], "two classes");
    const page = files.get("index.html") as string;
    for (const name of ["Figure 2", "Figure 3", "Figure 4a", "Figure 4b"]) {
      assert.ok(page.includes(`(${name} of the paper)`), name);
    }
  });
});

Deno.test({
  name: `the pages of a study look right in a browser${
    hasChromium ? "" : " (left out: there is no /usr/bin/chromium)"
  }`,
  ignore: !hasChromium,
  async fn() {
    await inFolder(async (folder) => {
      const files = await reportFiles(studyContent(folder));
      const chromium = await Chromium.start();
      try {
        for (const path of ["index.html", "rows/cub200-pipnet/index.html"]) {
          const page = files.get(path) as string;
          const shown = join(folder, path.replaceAll("/", "-"));
          Deno.writeTextFileSync(shown, page);
          await chromium.open(pathToFileURL(shown).href, { width: 1280, height: 800, scheme: "light" });
          const title = await chromium.evaluate<string>("document.title");
          const images = page.match(/<img /g)?.length ?? 0;
          await assertLooksRight(chromium, pathToFileURL(shown).href, { title, images });
        }
      } finally {
        await chromium.close();
      }
    });
  },
});
