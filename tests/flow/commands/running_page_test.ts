/** The page that a run writes about itself: it is there early, fills, and leads to the result in the end. */

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Chromium, hasChromium } from "../../report/chromium.ts";
import { assertLooksRight } from "../../report/looks.ts";
import { exists, inProject, type Project, resultOf, until } from "../cli.ts";

/** A PNG of one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PAGE = "store/results/probe.html";

function define(project: Project, last: string): void {
  const draw = "mkdir out/pictures; for i in 1 2 3; do echo $PIXEL | base64 -d > out/pictures/$i.png; done";
  project.workflow({
    draw: {
      kind: "command",
      params: { argv: ["sh", "-c", draw], env: { PIXEL } },
      outputs: ["pictures"],
    },
    last: {
      kind: "command",
      params: { argv: ["sh", "-c", last] },
      inputs: { pictures: "draw.pictures" },
      outputs: ["page"],
    },
  }, { result: "last.page" });
}

Deno.test("a page is there while the run goes on, with pictures, and leads to the result in the end", async () => {
  await inProject(async (project) => {
    const open = project.withEnvironment({ PROTOFLOW_ISOLATION: "off" });
    define(
      open,
      `until [ -e '${open.path("go")}' ]; do sleep 0.05; done; mkdir out/page; echo x > out/page/index.html`,
    );
    const child = open.spawn("run", "probe.ts");
    let going = "";
    await until(() => {
      going = exists(open.path(PAGE)) ? open.read(PAGE) : "";
      return going.includes("<img") && going.includes("<h3>last</h3>");
    }, "the page has the pictures of the first task, and the second one");
    assert.equal(going.match(/<img src="data:image\/png;base64,/g)!.length, 2, "at most two of a task");
    assert.match(going, /<meta http-equiv="refresh" content="3">/);
    assert.ok(!exists(open.path("store/results/probe")));
    open.write("go", "");
    const { code, err, out } = await resultOf(child);
    assert.equal(code, 0, err);
    assert.match(err, /note: open .*results\/probe\.html to see how far the run is/);
    assert.match(out, /open .*results\/probe\/index\.html\n$/);
    assert.match(open.read(PAGE), /<meta http-equiv="refresh" content="0; url=probe\/index\.html">/);

    // A run that does nothing, and one for programs, write none.
    Deno.removeSync(open.path(PAGE));
    const again = await open.call("run", "probe.ts");
    assert.equal(again.code, 0);
    define(open, "mkdir out/page; echo other > out/page/index.html");
    assert.equal((await open.run()).code, 0);
    assert.ok(!exists(open.path(PAGE)));
  });
});

Deno.test("the page of a run that failed stays, and a page that can't be written fails no run", async () => {
  await inProject(async (project) => {
    define(project, "echo why it failed; exit 1");
    assert.equal((await project.call("run", "probe.ts")).code, 1);
    assert.doesNotMatch(project.read(PAGE), /http-equiv="refresh"/);
    assert.match(project.read(PAGE), /<p id="state">failed<\/p>/);
    if (hasChromium) {
      const chromium = await Chromium.start();
      try {
        const url = pathToFileURL(project.path(PAGE)).href;
        await assertLooksRight(chromium, url, { title: "probe: failed", images: 2 });
      } finally {
        await chromium.close();
      }
    }
    Deno.removeSync(project.path(PAGE));
    Deno.mkdirSync(project.path(PAGE));
    define(project, "mkdir out/page; echo x > out/page/index.html");
    const { code, err } = await project.call("run", "probe.ts");
    assert.equal(code, 0, err);
    assert.match(err, /warning: probe\.html: /);
  });
});
