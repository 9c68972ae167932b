/** Damaged .mat and XML files: each gives a typed error or an answer, after bounded work. */

import assert from "node:assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DataSetError } from "../../lib/data/data_set_error.ts";
import { MatError } from "../../lib/data/mat/mat_array.ts";
import { parseMat } from "../../lib/data/mat/mat_file.ts";
import { readFirstBox } from "../../lib/data/voc_annotation.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { workOf } from "../work.ts";
import { sharedFolder } from "../shared.ts";
import { withFolder, writeFile } from "./folder.ts";
import { matFile, numbersFile } from "./mat_writer.ts";

const COUNT = 1500;
/** Steps a byte that reading may take: four times what the worst takes, far below a quadratic search. */
const STEPS_A_BYTE = 40;

const annotations = {
  struct: [{ bbox_x1: 1, class: 2, fname: "00001.jpg" }, { bbox_x1: 3, class: 1, fname: "2.jpg" }],
};
const MAT_FILES: readonly Uint8Array[] = [
  matFile({ annotations, class_names: ["Audi", ["Fiat"]] }),
  matFile({ annotations, class_names: ["Audi", ["Fiat"]] }, true),
  numbersFile("labels", [1, 2, 3, 4, 5], { file_list: ["a/b.jpg", "c/d.jpg"] }),
  ...sharedFiles(".mat"),
];
const XML_FILES: readonly Uint8Array[] = [
  new TextEncoder().encode(
    '<?xml version="1.0"?>\n<annotation a="1">\n<!-- c --><object><name>x &amp; y</name><bndbox>' +
      "<xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>",
  ),
  ...sharedFiles("xml"),
];

/** The small files of the shared fixtures, where they are present, as further starts. */
function sharedFiles(part: string): Uint8Array[] {
  const shared = sharedFolder();
  if (!shared) return [];
  const folder = join(shared, "fixtures/datasets/files");
  return readdirSync(folder).filter((name) => name.includes(part)).sort()
    .map((name) => join(folder, name))
    .filter((path) => Deno.statSync(path).size < 4096)
    .map((path) => Deno.readFileSync(path));
}

/** `bytes` with one to six faults: bytes changed, cut out, doubled, sizes overwritten, the end cut off. */
function mutate(bytes: Uint8Array, random: RandomStream): Uint8Array {
  let data = [...bytes];
  for (let fault = random.integer(6); fault >= 0 && data.length > 8; fault--) {
    const at = random.integer(data.length - 8);
    const length = 1 + random.integer(8);
    switch (random.integer(6)) {
      case 0:
        data[at] ^= 1 << random.integer(8);
        break;
      case 1:
        data[at] = random.integer(256);
        break;
      case 2:
        data.splice(at, length);
        break;
      case 3:
        data.splice(at, 0, ...data.slice(at, at + length));
        break;
      case 4: {
        const sizes = [0, 1, 0x7fffffff, 0xffffffff, 0x80000000, data.length];
        const size = sizes[random.integer(sizes.length)];
        data.splice(at, 4, size & 255, (size >>> 8) & 255, (size >>> 16) & 255, size >>> 24);
        break;
      }
      default:
        if (random.integer(4) === 0) data = data.slice(0, at);
    }
  }
  return Uint8Array.from(data);
}

async function assertBoundedWork(files: readonly Uint8Array[], read: () => void): Promise<void> {
  const bytes = files.reduce((sum, { length }) => sum + length, 0);
  const each = await workOf(read) / bytes;
  assert.ok(each <= STEPS_A_BYTE, `reading took ${each} steps a byte`);
}

Deno.test(`${COUNT} damaged .mat files give a typed error or an answer`, async () => {
  let refused = 0;
  const files = Array.from({ length: COUNT }, (_, i) => {
    const random = new RandomStream({ seed: 5, purpose: "damage mat", index: i });
    return mutate(MAT_FILES[i % MAT_FILES.length], random);
  });
  await assertBoundedWork(files, () => {
    for (const [i, bytes] of files.entries()) {
      try {
        assert.ok(parseMat(bytes).variables instanceof Map);
      } catch (error) {
        assert.ok(error instanceof MatError, `file ${i}: ${error instanceof Error ? error.stack : error}`);
        refused++;
      }
    }
  });
  assert.ok(refused > COUNT / 10 && refused < COUNT, `${refused} of ${COUNT} were refused`);
});

Deno.test(`${COUNT} damaged XML files give a typed error or an answer`, async () => {
  await withFolder({}, async (root) => {
    let refused = 0;
    const files = Array.from({ length: COUNT }, (_, i) => {
      const random = new RandomStream({ seed: 5, purpose: "damage xml", index: i });
      return mutate(XML_FILES[i % XML_FILES.length], random);
    });
    for (const [i, bytes] of files.entries()) writeFile(root, `${i}`, bytes);
    await assertBoundedWork(files, () => {
      for (const i of files.keys()) {
        try {
          const box = readFirstBox(join(root, `${i}`));
          assert.ok(box.length === 4 && box.every(Number.isInteger));
        } catch (error) {
          assert.ok(
            error instanceof DataSetError,
            `file ${i}: ${error instanceof Error ? error.stack : error}`,
          );
          refused++;
        }
      }
    });
    assert.ok(refused > COUNT / 10 && refused < COUNT, `${refused} of ${COUNT} were refused`);
  });
});

Deno.test("every cut of a .mat file is refused", () => {
  const whole = MAT_FILES[0];
  const variables = parseMat(whole).variables.size;
  for (let length = 0; length < whole.length; length += 3) {
    try {
      // A cut between two variables leaves a whole file with fewer of them.
      assert.ok(parseMat(whole.slice(0, length)).variables.size < variables);
    } catch (error) {
      assert.ok(error instanceof MatError, String(error));
    }
  }
});

Deno.test("XML that asks for much is refused after work in proportion to its size", async () => {
  const depth = 20_000;
  const hostile = {
    deep: "<a>".repeat(depth) + "</a>".repeat(depth),
    large: `<a>${"x".repeat(300_000)}</a>`,
    comments: "<!--".repeat(50_000),
    sections: "<a>" + "<![CDATA[".repeat(20_000),
    attributes: `<a ${'b="c" '.repeat(20_000)}/>`,
    entities: '<!DOCTYPE a [<!ENTITY b "bb">]><a><bndbox><xmin>&b;</xmin></bndbox></a>',
    prototype: "<__proto__><bndbox><xmin>1</xmin></bndbox></__proto__>",
  };
  await withFolder(hostile, async (root) => {
    for (const [name, text] of Object.entries(hostile)) {
      const refuse = () => assert.throws(() => readFirstBox(join(root, name)), DataSetError, name);
      await assertBoundedWork([new TextEncoder().encode(text)], refuse);
    }
  });
});
