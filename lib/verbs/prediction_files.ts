/** Writes the pages of `predict --page`: one of a single photograph; of several an overview, and a page of each. */

import { join } from "node:path";
import { writeUserFile } from "../flow/commands/user_files.ts";
import { FlowError } from "../flow/errors.ts";
import { userPath } from "../flow/user_path.ts";
import type { PredictingModel } from "../predict/made_model.ts";
import { overviewPage, overviewRow, photographPage } from "../predict/prediction_page.ts";
import type { PhotographPrediction } from "../predict/predictor.ts";
import type { Html } from "../report/page/html.ts";
import { isThere } from "../system/is_there.ts";

const INDEX = "index.html";

/** The pages in a folder; each photograph's is written when it is added, since pixels of many would take much memory. */
export class PredictionFiles {
  readonly #model: PredictingModel;
  readonly #folder: string;
  readonly #isSingle: boolean;
  readonly #rows: Html[] = [];

  /**
   * @param photographs the number of photographs that will be added
   * @throws {FlowError} exists where the folder is there
   */
  constructor(model: PredictingModel, folder: string, photographs: number) {
    this.#model = model;
    this.#folder = userPath(folder);
    this.#isSingle = photographs === 1;
    if (isThere(this.#folder)) {
      throw new FlowError(
        "exists",
        `${this.#folder} is already there; nothing was overwritten: name another folder or remove it`,
      );
    }
  }

  /** Adds a photograph. */
  async add(name: string, prediction: PhotographPrediction): Promise<void> {
    if (this.#isSingle) return this.#write(INDEX, await photographPage(this.#model, name, prediction));
    const href = `photographs/${this.#rows.length + 1}.html`;
    this.#write(href, await photographPage(this.#model, name, prediction, `../${INDEX}`));
    this.#rows.push(await overviewRow(this.#model, { name, prediction, href }));
  }

  /** Adds a photograph that could not be classified. */
  async addProblem(name: string, problem: string): Promise<void> {
    this.#rows.push(await overviewRow(this.#model, { name, problem }));
  }

  /** Writes the overview; returns the path of the page to open, if there is one. */
  finish(): string | undefined {
    if (!this.#isSingle) this.#write(INDEX, overviewPage(this.#model, this.#rows));
    const index = join(this.#folder, INDEX);
    return isThere(index) ? index : undefined;
  }

  #write(path: string, text: string): void {
    writeUserFile(join(this.#folder, path), text);
  }
}
