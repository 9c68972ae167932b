/** The kind `search-report`: a page about a search, from the results of its trials. */
import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { RUN_FACTS_PLACEHOLDER } from "../lib/report/report_page.ts";
import { searchReport } from "../lib/report/search/search_report.ts";
import { searchView } from "../lib/report/search/search_view.ts";
import { readTrials } from "../lib/tuning/read_trials.ts";
import { space } from "../lib/tuning/space.ts";
import { direction } from "../lib/tuning/trial.ts";

export default defineTask({
  name: "search-report",
  about: "write a page about a search: its best values, which parameters matter, and what was pruned",
  params: z.strictObject({
    title: z.string().max(200).default("Search"),
    /** As in `suggest`. */
    space,
    direction: direction.default("maximize"),
    /** What the objective is called on the page. */
    objective: z.string().min(1).max(100).default("objective"),
  }),
  inputs: { trials: { about: "the results of all trials", many: true } },
  /** A folder with `index.html`, and the trials as a file. */
  outputs: ["page"],
  runFacts: { output: "page", file: "index.html", placeholder: RUN_FACTS_PLACEHOLDER, select: searchView },
  run({ params: { title, ...search }, inputs, output }) {
    const trials = inputs("trials").flatMap((path) => readTrials([path]));
    Deno.mkdirSync(output("page"));
    for (const [path, content] of Object.entries(searchReport(title, { ...search, trials }))) {
      Deno.writeTextFileSync(join(output("page"), path), content);
    }
  },
});
