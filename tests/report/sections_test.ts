/** The contract of sections: each is one file and one row of the list, and the page needs to know no more of it. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import report from "../../tasks/report.ts";
import { html } from "../../lib/report/page/html.ts";
import { ReportFiles } from "../../lib/report/page/report_files.ts";
import { defineSection, inputsOf, renderSections, type Section } from "../../lib/report/page/section.ts";
import { REPORT_INPUTS, SECTIONS } from "../../lib/report/sections.ts";

const options = { title: "", model: "", titles: {}, average: [], prototypes: 1, images: 1 };

const lines = defineSection({
  id: "lines",
  name: "Lines",
  inputs: { texts: { about: "texts", many: true } },
  extras: { note: { about: "a note", optional: true } },
  render: (files) => {
    const texts = files.contents("texts", upper).map(({ label, content }) => `${label}: ${content}`);
    return html`${texts.join()} ${files.path("note")}`;
  },
});

const silent = defineSection({ ...lines, id: "silent", render: () => undefined });

const read: string[] = [];
function upper(path: string): string {
  read.push(path);
  return path.toUpperCase();
}

Deno.test("a section gets the files of its inputs by label, each read once for all sections", async () => {
  read.length = 0;
  const texts = [{ label: "a", path: "x" }, { label: "b", path: "y" }];
  const files = new ReportFiles({ texts, note: [{ label: "", path: "n" }] });
  const rendered = await renderSections([lines, silent, { ...lines, id: "again" }], files, options);
  assert.deepEqual(rendered.map(({ id, content }) => [id, content.text]), [
    ["lines", "a: X,b: Y n"],
    ["again", "a: X,b: Y n"],
  ]);
  assert.deepEqual(read, ["x", "y"]);
  assert.equal(files.content("texts", upper), "X", "of the first run");
});

Deno.test("a section without one of its inputs is left out; an extra may be absent", async () => {
  const texts = [{ label: "a", path: "x" }];
  const given: [Record<string, typeof texts>, number][] = [[{ texts }, 1], [{}, 0], [{ texts: [] }, 0], [
    { note: texts },
    0,
  ]];
  for (const [paths, count] of given) {
    assert.equal((await renderSections([lines], new ReportFiles(paths), options)).length, count);
  }
  assert.throws(() => new ReportFiles<"texts">({}).required("texts"), /the report has no input texts/);
});

Deno.test("the inputs of the kind are those of the sections", () => {
  assert.equal(report.inputs, REPORT_INPUTS);
  const sections: readonly Section[] = SECTIONS;
  for (const { inputs, extras = {} } of sections) {
    for (const [name, input] of Object.entries({ ...inputs, ...extras })) {
      assert.equal((REPORT_INPUTS as Record<string, unknown>)[name], input, `${name} is declared twice`);
    }
    for (const [name, { optional }] of Object.entries(extras)) assert.ok(optional, name);
  }
  const required = Object.entries(inputsOf(SECTIONS)).filter(([, input]) => !("optional" in input));
  assert.deepEqual(required.map(([name]) => name), ["data", "evaluations"]);
});

Deno.test("every file of a section is listed, with the name of the file as its id", () => {
  const folder = new URL("../../lib/report/sections/", import.meta.url);
  const files = readdirSync(folder).map((name) => name.replace(/\.ts$/, "")).sort();
  assert.deepEqual(SECTIONS.map(({ id }) => id).sort(), files);
});
