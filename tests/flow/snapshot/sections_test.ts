/** Columns of a snapshot: they come back as they were, and a file that is not whole is refused. */
import assert from "node:assert";
import fc from "fast-check";
import { Lists } from "../../../lib/flow/snapshot/lists.ts";
import { readSections, writeSections } from "../../../lib/flow/snapshot/sections.ts";
import { TextColumn } from "../../../lib/flow/snapshot/text_column.ts";
import { inTemporaryFolder } from "../store/scratch.ts";

Deno.test("texts and lists come back, one by one and all at once", () =>
  inTemporaryFolder((folder) => {
    const text = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
    const lists = fc.array(fc.array(fc.nat(), { maxLength: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), lists, (texts, numbers) => {
        const sections = new Map();
        TextColumn.of(texts).addTo(sections, "t");
        Lists.of(numbers).addTo(sections, "l");
        writeSections(`${folder}/f`, sections);
        const read = readSections(`${folder}/f`)!;
        const column = TextColumn.from(read, "t");
        assert.deepStrictEqual(texts.map((_, i) => column.at(i)), texts);
        assert.deepStrictEqual(column.all(), texts);
        assert.deepStrictEqual(numbers.map((_, i) => [...Lists.from(read, "l").of(i)]), numbers);
      }),
      { numRuns: 50 },
    );
  }));

Deno.test("a torn or changed file is refused", () =>
  inTemporaryFolder((folder) => {
    const path = `${folder}/f`;
    const sections = new Map();
    TextColumn.of(["a", "b".repeat(100), "c"]).addTo(sections, "t");
    writeSections(path, sections);
    const whole = Deno.readFileSync(path);
    assert.strictEqual(readSections(`${folder}/none`), undefined);
    for (let length = 0; length < whole.length; length += 7) {
      Deno.writeFileSync(path, whole.slice(0, length));
      assert.strictEqual(readSections(path), undefined);
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] ^= 1;
      Deno.writeFileSync(path, changed);
      assert.strictEqual(readSections(path), undefined, `byte ${at}`);
    }
  }));
