/** Conformance of views: crops by mask and by object, fills, and the parts that travel with them. */

import { cropImage, expandBox, objectRectangle } from "../../../lib/data/views/crop_rectangle.ts";
import { maskView, type ViewMask, type ViewOptions } from "../../../lib/data/views/mask_views.ts";
import { objectMaskView, objectView } from "../../../lib/data/views/object_view.ts";
import { partsInView, partTables } from "../../../lib/data/views/part_points.ts";
import { balancedViews } from "../../../lib/segment/balanced_views.ts";
import { type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import { type Image, image } from "../../../lib/vision/image.ts";
import { normalize } from "../../../lib/vision/normalize.ts";
import { resizeLinear } from "../../../lib/vision/resize/opencv.ts";
import { type Case, type Json, type Outcome, type Runner, tensorOf } from "../case.ts";

export const runners: Record<string, Runner> = {
  "views.mask_views": maskViewsCase,
  "views.contrastivity": (testCase) => ({ tensors: contrastivity(testCase) }),
  "views.complexity_masks": complexityMasks,
  "views.expand_box": ({ params }) => ({
    values: {
      boxes: params.boxes.map((one: Json) => expandBox(one.box, one.image[0], one.image[1], one.min_percent)),
    },
  }),
  "views.object": objectCase,
  "views.complexity": complexity,
};

function maskViewsCase(testCase: Case): Outcome {
  const source = inputImage(testCase);
  const masks = inputMasks(testCase);
  const tooMany = () => balancedViews([masks.length], masks.length + 1);
  const views = (fidelity: "reference" | "intended") =>
    masks.map((mask) => maskView(source, mask, options(testCase, fidelity)));
  return {
    tensors: {
      "out.views": normalized(testCase, views("reference")),
      "out.views_intended": normalized(testCase, views("intended")),
    },
    values: {
      // The label is the sample's own and passes through; the case does not state it as an input.
      label: testCase.expect.label,
      missing_view: fails(tooMany) ? "error" : "no error",
    },
  };
}

function contrastivity(testCase: Case): Record<string, HostTensor> {
  const source = inputImage(testCase);
  const masks = inputMasks(testCase);
  const [height, width] = testCase.params.size;
  const uncropped = masks.map(({ cut }) => planes(resizeLinear(cut!, width, height)));
  return {
    "out.views": normalized(
      testCase,
      masks.map((mask) => maskView(source, mask, options(testCase, "reference"))),
    ),
    "out.uncropped": stack(uncropped, [3, height, width]),
    "out.boxes": stack(testCase.params.boxes.map((box: number[]) => Float32Array.from(box)), [4]),
    "out.mask_size": hostTensor("float32", [2], Float32Array.of(source.height, source.width)),
  };
}

function complexityMasks(testCase: Case): Outcome {
  const source = inputImage(testCase);
  const [height, width] = testCase.params.size;
  const { parts, max_parts: rows } = testCase.params;
  const objectMask = resizeLinear(inputObjectMask(testCase), width, height);
  const whole = { left: 0, top: 0, width: source.width, height: source.height };
  return {
    tensors: {
      ...contrastivity(testCase),
      "out.object_mask": hostTensor(
        "float32",
        [3, height, width],
        Float32Array.from([0, 1, 2].flatMap(() => [...objectMask.data])),
      ),
      ...partTensors(partTables(partsInView(parts, source, whole, width, height, "reference"), rows), rows),
    },
  };
}

function objectCase(testCase: Case): Outcome {
  const source = inputImage(testCase);
  const { box, crop, size: [height, width] } = testCase.params;
  const view = (fidelity: "reference" | "intended") => {
    const rectangle = crop ? objectRectangle(box, source.width, source.height, fidelity) : undefined;
    return normalize(objectView(source, rectangle, width, height), testCase.params);
  };
  return { tensors: { "out.image": view("reference"), "out.image_intended": view("intended") } };
}

function complexity(testCase: Case): Outcome {
  const source = inputImage(testCase);
  const { box, crop, parts, max_parts: rows, size: [height, width] } = testCase.params;
  const rectangle = crop ? objectRectangle(box, source.width, source.height, "reference") : undefined;
  const whole = rectangle ?? { left: 0, top: 0, width: source.width, height: source.height };
  const objectMask = objectMaskView(inputObjectMask(testCase), rectangle, width, height);
  return {
    tensors: {
      "out.image": normalize(objectView(source, rectangle, width, height), testCase.params),
      "out.object_mask": hostTensor(
        "float32",
        [height, width, 3],
        Float32Array.from([...objectMask.data].flatMap((level) => [level, level, level])),
      ),
      ...partTensors(partTables(partsInView(parts, source, whole, width, height, "reference"), rows), rows),
    },
    values: { intended_parts: partsInView(parts, source, whole, width, height, "intended") },
  };
}

function options({ params }: Case, fidelity: "reference" | "intended"): ViewOptions {
  return {
    width: params.size[1],
    height: params.size[0],
    fill: params.fill_background_method,
    minBoxShare: params.min_bbox_size,
    crop: params.crop,
    fidelity,
  };
}

function inputImage(testCase: Case): Image {
  const { shape: [height, width], data } = tensorOf(testCase, "in.image");
  return image(width, height, "RGB", data as Uint8Array);
}

function inputObjectMask(testCase: Case): Image {
  const { shape: [height, width], data } = tensorOf(testCase, "in.object_mask");
  return image(width, height, "GRAY", data as Uint8Array);
}

function inputMasks(testCase: Case): ViewMask[] {
  const { shape: [count, height, width], data } = tensorOf(testCase, "in.cuts");
  const cuts = image(width, height * count, "RGB", data as Uint8Array);
  return testCase.params.boxes.map((box: ViewMask["box"], i: number) => ({
    box,
    cut: cropImage(cuts, { left: 0, top: i * height, width, height }),
  }));
}

function normalized({ params }: Case, views: readonly Image[]): HostTensor {
  return stack(views.map((view) => normalize(view, params).data), [3, params.size[0], params.size[1]]);
}

function stack(parts: readonly Float32Array[], shape: readonly number[]): HostTensor {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return hostTensor("float32", [parts.length, ...shape], all);
}

/** The channels of an image as planes of its bytes. */
function planes({ width, height, channels, data }: Image): Float32Array {
  const size = width * height;
  return Float32Array.from(
    { length: size * channels },
    (_, i) => data[(i % size) * channels + Math.floor(i / size)],
  );
}

function partTensors(
  { locations, ids }: ReturnType<typeof partTables>,
  rows: number,
): Record<string, HostTensor> {
  return {
    "out.parts": hostTensor("float32", [rows, 2], locations),
    "out.part_ids": hostTensor("int32", [rows, 1], ids),
  };
}

function fails(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}
