/** The rows of the study's tables: a model, a data set and what the model sees, each with a workflow of its own. */

/** The data sets of the study by the first part of a row's name, with their names in the kind `dataset`. */
export const DATA_SETS = { cub200: "cub200", dogs: "dogs", cars: "cars196" } as const;

/** What a model sees: views through the masks of a method, the object's crop, or without crop (NC) the whole image. */
export type Input = "sam2" | "slit" | "object" | "image";

/** A row: one model on one data set. */
export interface StudyRow {
  /** The name of its workflow. */
  readonly name: string;
  /** The name of the data set in the names of rows. */
  readonly data: keyof typeof DATA_SETS;
  readonly model: "protomask" | "pipnet" | "protopnet" | "protopool";
  readonly input: Input;
  /** The name of its column in the table of its model's parameters. */
  readonly column: string;
  /** How the paper names the model in this row. */
  readonly title: string;
}

const TITLES = { pipnet: "PIP-Net", protopnet: "ProtoPNet", protopool: "ProtoPool" } as const;

function rowsOf(data: StudyRow["data"]): StudyRow[] {
  const masks = { sam2: "SAM 2", slit: "SLIT" } as const;
  return [
    ...(["sam2", "slit"] as const).map((input): StudyRow => {
      const name = `${data}-${input}`;
      return { name, data, model: "protomask", input, column: name, title: `ProtoMask (${masks[input]})` };
    }),
    ...(["pipnet", "protopnet", "protopool"] as const).flatMap((model): StudyRow[] => {
      const row = { name: `${data}-${model}`, data, model, title: TITLES[model] };
      return [
        { ...row, input: "object", column: data },
        { ...row, name: `${row.name}-nc`, input: "image", column: `${data}-nc`, title: `${row.title} (NC)` },
      ];
    }),
  ];
}

/** The rows by data set. */
export const ROWS_OF = { cub200: rowsOf("cub200"), dogs: rowsOf("dogs"), cars: rowsOf("cars") } as const;

/** All 24 rows. */
export const ROWS: readonly StudyRow[] = Object.values(ROWS_OF).flat();

/** @throws {RangeError} if the study has no row of that name. */
export function rowNamed(name: string): StudyRow {
  const row = ROWS.find((one) => one.name === name);
  if (!row) throw new RangeError(`the study has no row ${name}; known: ${ROWS.map((row) => row.name)}`);
  return row;
}
