/** Every figure that an evaluation can have is defined. */

import assert from "node:assert/strict";
import { COMPLETENESS } from "../../../lib/evaluate/completeness_figures.ts";
import { CONTINUITY } from "../../../lib/evaluate/continuity_figures.ts";
import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../../lib/evaluate/evaluation_file.ts";
import { CONTINUITY_METRICS } from "../../../lib/metrics/techniques/continuity.ts";
import { COMPLEXITY_METRICS } from "../../../lib/metrics/techniques/complexity.ts";
import { GENERAL_METRICS } from "../../../lib/metrics/techniques/general.ts";
import { OUTPUT_COMPLETENESS_METRICS } from "../../../lib/metrics/techniques/output_completeness.ts";
import { arrowOf, definitions, metricFacts, metricHead } from "../../../lib/report/page/metric_facts.ts";

Deno.test("each figure has one sentence and a direction", () => {
  const names = [
    ...PERFORMANCE_COLUMNS,
    ...EXPLANATION_COLUMNS,
    ...GENERAL_METRICS,
    ...COMPLEXITY_METRICS,
    "Local Size",
    "PLC",
    "PALC",
    "entropy",
    ...CONTINUITY_METRICS.map((name) => `${CONTINUITY} ${name}`),
    ...OUTPUT_COMPLETENESS_METRICS.map((name) => `${COMPLETENESS} ${name}`),
  ];
  for (const name of names) {
    assert.match(metricFacts(name)?.meaning ?? "", /^[A-Z][^.]*\.$/, name);
    assert.match(arrowOf(name), /^ [↑↓]$/, name);
  }
  assert.equal(metricFacts("Continuity Nothing"), undefined);
});

Deno.test("a head says that accuracy is balanced, and the definitions follow the columns", () => {
  assert.match(metricHead("Accuracy").text, />Accuracy ↑<small>balanced<\/small><\/th>$/);
  const { text } = definitions(["NPR", "nothing"]);
  assert.match(text, /<dt>NPR ↓<\/dt>\s*<dd>The number of negative weights/);
  assert.doesNotMatch(text, /nothing/);
});
