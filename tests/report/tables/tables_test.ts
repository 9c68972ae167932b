/** Numbers as text, the layout of tables, and runs that fit into no table. */

import assert from "node:assert";
import fc from "fast-check";
import { markdownTable } from "../../../lib/report/tables/markdown.ts";
import { format2, formatGeneral, parseNumber } from "../../../lib/report/tables/number_text.ts";
import { paperLatex, paperTable } from "../../../lib/report/tables/paper_table.ts";
import { runStatistics, statisticsLatex, statisticsMarkdown } from "../../../lib/report/tables/statistics.ts";
import { TableError } from "../../../lib/report/tables/table_error.ts";

Deno.test("two decimals of the exact value, halves to the even digit", () => {
  const cases: [number, string][] = [
    [0.125, "0.12"],
    [0.375, "0.38"],
    [2.675, "2.67"],
    [-0.001, "-0.00"],
    [1e15 + 0.125, "1000000000000000.12"],
    [2 ** 60, "1152921504606846976.00"],
    [5e-324, "0.00"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ];
  assert.deepStrictEqual(cases.map(([value]) => format2(value)), cases.map(([, text]) => text));
});

Deno.test("six significant digits as Python's g", () => {
  const cases: [number, string][] = [
    [80, "80"],
    [0.0043087912, "0.00430879"],
    [0.00004308791, "4.30879e-05"],
    [999999.5, "1e+06"],
    [12345.25, "12345.2"],
    [12345.75, "12345.8"],
    [827616.5, "827616"],
    [-1234567, "-1.23457e+06"],
    [0.99999995, "1"],
    [0, "0"],
    [Infinity, "inf"],
  ];
  assert.deepStrictEqual(cases.map(([value]) => formatGeneral(value)), cases.map(([, text]) => text));
});

Deno.test("printed numbers are read as what they stand for", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), (value) => {
    assert.ok(Math.abs(parseNumber(format2(value)) - value) <= 0.005000001);
    const read = parseNumber(formatGeneral(value));
    assert.ok(Math.abs(read - value) <= 5.000001e-6 * Math.abs(value));
  }));
  assert.deepStrictEqual(["inf", "-inf", "nan", "", "x"].map(parseNumber), [
    Infinity,
    -Infinity,
    NaN,
    NaN,
    NaN,
  ]);
});

Deno.test("Markdown aligns numbers at the point and text to the left", () => {
  assert.strictEqual(
    markdownTable([{ header: "", text: ["mean", "a"] }, { header: "NPR", numbers: [1.25, 1e7] }]),
    "|      |   NPR |\n|:-----|------:|\n| mean | 1.25  |\n| a    | 1e+07 |",
  );
});

const RUNS = [{ A: 1, B: 0.5, histogram: { 0: 1 } }, { A: 2, B: NaN, histogram: {} }, {
  A: 4,
  B: 1.5,
  histogram: {},
}];

Deno.test("statistics leave NaN out and columns that are no numbers away", () => {
  const { columns, rows, cells } = runStatistics(RUNS);
  assert.deepStrictEqual(columns, ["A", "B"]);
  assert.deepStrictEqual([rows.count, rows["25%"], rows.max], [[3, 2], [1.5, 0.75], [4, 1.5]]);
  assert.deepStrictEqual([cells.mean, cells.std], [["2.33", "1.00"], ["1.53", "0.71"]]);
});

Deno.test("the tables of a run show its figures", () => {
  const table = runStatistics([{ "Global Size": 12345.25 }]);
  assert.match(statisticsMarkdown(table), /\| mean {2}\| {7}12345.2 \|/);
  assert.match(statisticsLatex(table), /^75\\% & 12345.25 \\\\$/m);
});

Deno.test("another order of the keys mixes columns up in the reference only", () => {
  const runs = [{ A: 1, B: 10 }, { B: 30, A: 3 }];
  assert.deepStrictEqual(runStatistics(runs, "intended").rows.mean, [2, 20]);
  assert.deepStrictEqual(runStatistics(runs, "reference").rows.mean, [15.5, 6.5]);
});

Deno.test("a paper's table has a row for each data set", () => {
  const table = paperTable({ cub200: [{ NPR: 1 }, { NPR: 2 }], dogs: [{ NPR: 18.699638718901134 }] });
  assert.strictEqual(table.rows.get("cub200")!.get("NPR"), "1.50 $\\pm$ 0.71");
  assert.match(paperLatex(table), /^dogs & 18.70 \\\\$/m, "one run has no spread");
  const reference = paperTable({ dogs: [{ NPR: 18.699638718901134 }] }, "reference");
  assert.match(paperLatex(reference), /^dogs & 18.70 \$\\pm\$ 0.00 \\\\$/m);
});

Deno.test("runs that fit into no table are refused by name", () => {
  const cases: [() => unknown, RegExp][] = [
    [() => runStatistics([]), /no runs to compute statistics of/],
    [() => runStatistics([{ A: 1, B: 2 }, { A: 1 }]), /run 1 has no "B", .* it has A$/],
    [() => runStatistics([{ A: 1 }, {}], "reference"), /run 1 has no "A", .* it has nothing/],
    [() => paperTable({}), /table has no rows/],
    [() => paperTable({ cub200: [{ NPR: Infinity }] }), /"NPR" of "cub200" has the mean Infinity/],
    [
      () => paperTable({ cub200: [{ A: 1 }], dogs: [{ B: 1 }] }),
      /row "dogs" has the columns B, but the first row has A/,
    ],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof TableError && message.test(error.message));
  }
});
