/** The segmentation methods by name; each is a file of `methods/`. */

import { z } from "zod";
import { annotated } from "./methods/annotated.ts";
import { contour } from "./methods/contour.ts";
import { files } from "./methods/files.ts";
import type { SegmentationMethod } from "./methods/method.ts";
import { mobileSam } from "./methods/mobile_sam.ts";
import { patches } from "./methods/patches.ts";
import { sam2 } from "./methods/sam2.ts";
import { slit } from "./methods/slit.ts";

/** All methods. */
export const METHODS = [sam2, mobileSam, slit, contour, patches, annotated, files] as const;

type ParamsOf<Methods extends readonly SegmentationMethod[]> = {
  [Index in keyof Methods]: Methods[Index]["params"];
};

/** The `method` param of segmentation: a name and that method's parameters. */
export const segmentMethod = z.discriminatedUnion(
  "name",
  METHODS.map(({ params }) => params) as unknown as ParamsOf<typeof METHODS>,
);

/** The validated params of one of the methods. */
export type SegmentMethod = z.output<typeof segmentMethod>;

const BY_NAME = new Map<string, SegmentationMethod>(
  METHODS.map((method) => [method.params.shape.name.value, method]),
);

/** The method named by validated params. */
export function methodOf({ name }: Pick<SegmentMethod, "name">): SegmentationMethod {
  return BY_NAME.get(name)!;
}
