/** Every promise in docs/promises.md names tests, and they exist. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./project_files.ts";

Deno.test("every promise names a test, and each named test exists", () => {
  const rows = promises(readFileSync(join(PROJECT, "docs/promises.md"), "utf8"));
  assert.ok(rows.length > 10, `only ${rows.length} promises were found in docs/promises.md`);
  const wrong = rows.flatMap(({ promise, tests }) => {
    if (tests.length === 0) return [`"${promise}" names no test`];
    return tests.filter(({ file, name }) => !hasTest(file, name)).map(({ file, name }) =>
      `${file}: "${name}"`
    );
  });
  assert.deepEqual(wrong, []);
});

Deno.test("promises and their tests are read from tables whose second column is named test", () => {
  const rows = promises(`
| promise  | test                            |
| -------- | ------------------------------- |
| It is so | \`tests/a_test.ts\` "it is", \`tests/b_test.ts\` "so" |
| It was   |                                 |

| other | table |
| ----- | ----- |
| a     | b     |
`);
  assert.deepEqual(rows, [
    {
      promise: "It is so",
      tests: [{ file: "tests/a_test.ts", name: "it is" }, { file: "tests/b_test.ts", name: "so" }],
    },
    { promise: "It was", tests: [] },
  ]);
});

/** Whether a name in `file` begins with `name`, as the string at the beginning of a test is written. */
function hasTest(file: string, name: string): boolean {
  const path = join(PROJECT, file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, "utf8");
  return text.includes(`"${name}`) || text.includes(`\`${name}`);
}

interface Promised {
  readonly promise: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

function promises(text: string): Promised[] {
  const tables = text.split(/\n(?:[^|\n][^\n]*)?\n/).filter((part) =>
    /^\|\s*promise\s*\|\s*test\s*\|$/m.test(part)
  );
  return tables.flatMap((table) => table.split("\n").filter((line) => line.startsWith("|")).slice(2)).map(
    (row) => {
      const [promise, tests] = row.split("|").slice(1, 3).map((cell) => cell.trim());
      const named = [...tests.matchAll(/`([^`]+)` "([^"]+)"/g)];
      return { promise, tests: named.map(([, file, name]) => ({ file, name })) };
    },
  );
}
