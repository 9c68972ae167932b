/** The models, data sets and segmentation methods by name, for the list of what there is. */

import { z } from "zod";
import { DATA_SETS } from "../lib/data/read_data_set.ts";
import type { ModelDefinition } from "../lib/models/model_definition.ts";
import { MODELS } from "../lib/models/model_list.ts";
import { METHODS } from "../lib/segment/methods.ts";
import dataset from "./dataset.ts";

const models = (MODELS as unknown as readonly ModelDefinition[]).map((model) => ({
  name: model.name,
  about: model.about,
  params: z.strictObject({
    ...model.architecture,
    coefs: z.strictObject(model.coefs).prefault({}),
    learningRates: z.strictObject(model.rates).prefault({}),
  }),
}));

const described: Readonly<Record<string, { readonly about: string }>> = DATA_SETS;
const dataSets = dataset.params.shape.name.options.map((name) => ({
  name,
  about: Object.hasOwn(described, name) ? described[name].about : "drawn; needs no download",
}));

const methods = METHODS.map(({ params, inputs }) => ({
  name: params.shape.name.value,
  about: Object.keys(inputs).length > 0
    ? `takes ${Object.keys(inputs).join(", ")}`
    : "needs no further input",
  params,
}));

/** What the params of kinds name: `model.name`, `name` of the kind dataset, `method.name` of the kind segment. */
export const catalogue = { models, "data sets": dataSets, methods };
