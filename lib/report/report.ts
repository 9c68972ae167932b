/** The report of some runs: a page, and for a study of several rows a page for each; with files of tables and figures. */

import { header, studyHeader } from "./header.ts";
import { figuresOfRuns } from "./page/evaluated_runs.ts";
import { type LabelledPath, ReportFiles } from "./page/report_files.ts";
import { type PageKind, renderSections, type ReportOptions } from "./page/section.ts";
import { rowFolder } from "./page/row_page.ts";
import { reportPage } from "./report_page.ts";
import { SECTIONS } from "./sections.ts";

/** A file of the report, by its path in the report's folder. */
export interface ReportFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/**
 * The files of the report, one after the other: what a study is made of would not fit into memory at once. Which sections a
 * page has depends on the inputs. If the inputs belong to more than one row, `index.html` compares all rows, and each has a
 * page of its own in `rows/<row>/`.
 *
 * @param paths the files of each input, in the order of the runs; `data` and `evaluations` are required
 */
export async function* report(
  options: ReportOptions,
  paths: Readonly<Record<string, readonly LabelledPath[]>>,
): AsyncGenerator<ReportFile> {
  const files = new ReportFiles(paths);
  const rows = files.rows(options.titles);
  if (rows.length === 1) {
    const [{ row, files: own }] = rows;
    return yield* pageFiles("row", options.title, rowOptions(options, row), own, "");
  }
  for (const { row } of rows) {
    // What a page has read is forgotten with its files, but for what the page of the study takes of it.
    const own = files.ofRow(row!);
    if (!own.has("evaluations")) continue;
    const ofRow = rowOptions(options, row);
    yield* pageFiles("row", `${ofRow.model}: ${row}`, ofRow, own, rowFolder(row!));
    figuresOfRuns(own);
  }
  yield* pageFiles("study", options.title, options, files, "");
}

/** The options of the page of one row. */
function rowOptions(options: ReportOptions, row: string | undefined): ReportOptions {
  if (row === undefined) return options;
  const model = options.titles[row] ?? options.model;
  return { ...options, model, titles: { [row]: model } };
}

async function* pageFiles(
  kind: PageKind,
  title: string,
  options: ReportOptions,
  files: ReportFiles,
  folder: string,
): AsyncGenerator<ReportFile> {
  const sections = await renderSections(SECTIONS, files, options, kind);
  const page = {
    title,
    header: kind === "study" ? studyHeader(files, options) : header(files, options),
    sections,
    positions: files.positions(),
    ...(folder !== "" && { study: `${folder.replace(/[^/]+/g, "..")}index.html` }),
  };
  yield { path: `${folder}index.html`, content: reportPage(page) };
  for (const { files: own } of sections) {
    for (const [path, content] of Object.entries(own)) yield { path: `${folder}${path}`, content };
  }
}
