/** What an exported model expects and returns, and the shapes of its weights. */

import type { LoadedModel } from "../models/model_folder.ts";
import { definitionOf } from "../models/models.ts";

/** Shapes of the program. */
export interface ExportedShapes {
  readonly input: readonly number[];
  readonly outputs: ReadonlyMap<string, readonly number[]>;
}

const ABOUT: Readonly<Record<string, string>> = {
  logits: "one for each class, in the order below",
  similarities: "of each prototype to the image: what the last layer weighs",
  maps: "the similarity of each position of the feature map, or of each view, to each prototype",
  distances: "squared distances of positions or views to the prototypes",
};

/** The text of `README.md`. */
export function exportReadme(
  { description, state }: LoadedModel,
  { input, outputs }: ExportedShapes,
): string {
  const { model, classes, colors } = description;
  const { sees, about } = definitionOf(model);
  const list = (values: readonly number[]) => `[${values.join(", ")}]`;
  const views = sees === "views";
  return `# ${model}

A model that ${about}.

## model.onnx

ONNX with operator set 20; every weight is in the file under its name in \`weights.safetensors\`.

| input or output | type | shape | meaning |
| --- | --- | --- | --- |
| \`x\` (input) | float32 | ${list(input)} | ${
    views ? "images, views," : "images,"
  } red, green and blue, rows, columns |
${
    [...outputs].map(([name, shape]) => `| \`${name}\` | float32 | ${list(shape)} | ${ABOUT[name]} |`).join(
      "\n",
    )
  }

Pixels of a colour are divided by 255; then the mean is subtracted, and the result divided by the standard deviation:

    mean = ${list(colors.mean)}
    std  = ${list(colors.std)}

${
    views
      ? "A view is the box of a mask, cut from the image and stretched to this size. An image with fewer masks repeats them."
      : "An image is stretched to this size."
  }

    import numpy, onnxruntime
    session = onnxruntime.InferenceSession("model.onnx")
    x = numpy.zeros(${list(input)}, numpy.float32)
    logits, = session.run(["logits"], {"x": x})

## weights.safetensors

The state dictionary, with PyTorch's names: \`safetensors.torch.load_file("weights.safetensors")\`.

| tensor | type | shape |
| --- | --- | --- |
${[...state].map(([name, { dtype, shape }]) => `| \`${name}\` | ${dtype} | ${list(shape)} |`).join("\n")}

## Classes

${classes.map((name, label) => `${label}. ${name}`).join("\n")}
`;
}
