/** The files of a table, in Markdown, LaTeX and as comma-separated values. */

import { studyCsv, studyLatex, studyMarkdown, type StudyTable } from "./study_table.ts";

/** By path, beside the page. */
export function studyTableFiles(name: string, table: StudyTable): Record<string, string> {
  return {
    [`tables/${name}.md`]: `${studyMarkdown(table)}\n`,
    [`tables/${name}.tex`]: studyLatex(table),
    [`tables/${name}.csv`]: studyCsv(table),
  };
}
