/** The contract of a section of the report: its name, the inputs that it reads, and how it renders them. */

import type { Html } from "./html.ts";
import type { ReportFiles } from "./report_files.ts";

/** An input of the report, declared as in a kind of task. */
export interface ReportInput {
  readonly about: string;
  readonly many?: boolean;
  readonly optional?: boolean;
}

/** Inputs by name. Sections that read the same input declare the same one (see inputs.ts). */
export type ReportInputs = Readonly<Record<string, ReportInput>>;

/** The settings of a report. */
export interface ReportOptions {
  readonly title: string;
  /** The model's name in tables, unless a row has its own. */
  readonly model: string;
  /** By row of a study, the name of its model in tables. A row without evaluations has not been run. */
  readonly titles: Readonly<Record<string, string>>;
  /** The axes to average over; each combination of the other axes is a variant. */
  readonly average: readonly string[];
  /** The maximum numbers of prototypes and test images that are shown. */
  readonly prototypes: number;
  readonly images: number;
}

/** A page about the runs of one row of a study, or of a workflow without rows; or the page about all rows. */
export type PageKind = "row" | "study";

/** The content of a section that comes with files beside the page. */
export interface SectionWithFiles {
  readonly content: Html;
  /** By path, relative to the page. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** A section: a heading with what some inputs show, and a link to it at the top of the page. */
export interface Section<
  Inputs extends ReportInputs = ReportInputs,
  Extras extends ReportInputs = ReportInputs,
> {
  /** The id of its element, unique in the page. */
  readonly id: string;
  /** Its heading, and the text of the link. */
  readonly name: string;
  /** The pages that have it; by default those of rows. */
  readonly pages?: readonly PageKind[];
  /** The page has the section only if all of these are given. */
  readonly inputs: Inputs;
  /** Inputs that it reads if they are given. */
  readonly extras?: Extras;
  /** Its content; undefined if there is nothing to show. */
  render(
    files: ReportFiles<(keyof Inputs | keyof Extras) & string>,
    options: ReportOptions,
  ): RenderedContent | Promise<RenderedContent>;
}

type RenderedContent = Html | SectionWithFiles | undefined;

/** Declares a section: the default export of its file, listed in `lib/report/sections.ts`. */
export function defineSection<
  const Inputs extends ReportInputs,
  const Extras extends ReportInputs = Record<never, never>,
>(section: Section<Inputs, Extras>): Section<Inputs, Extras> {
  return section;
}

/** A section with its content. */
export interface RenderedSection extends SectionWithFiles {
  readonly id: string;
  readonly name: string;
}

/** Renders, in order, the sections of a page that have all their inputs and something to show. */
export async function renderSections(
  sections: readonly Section[],
  files: ReportFiles,
  options: ReportOptions,
  page: PageKind = "row",
): Promise<RenderedSection[]> {
  const rendered: RenderedSection[] = [];
  for (const section of sections) {
    if (!(section.pages ?? ["row"]).includes(page)) continue;
    if (!Object.keys(section.inputs).every((name) => files.has(name))) continue;
    const { id, name } = section;
    const shown = await section.render(files, options);
    if (shown) rendered.push({ id, name, ...("content" in shown ? shown : { content: shown, files: {} }) });
  }
  return rendered;
}

type Intersection<Union> = (Union extends unknown ? (part: Union) => void : never) extends
  (part: infer All) => void ? All : never;

/** The inputs of some sections by name. */
export type InputsOf<Sections extends readonly Section[]> = Intersection<
  Sections[number]["inputs"] | NonNullable<Sections[number]["extras"]>
>;

/** The inputs that sections read, together. */
export function inputsOf<const Sections extends readonly Section[]>(sections: Sections): InputsOf<Sections> {
  return Object.assign({}, ...sections.flatMap(({ inputs, extras }) => [inputs, extras]));
}
