/** Explanations by similarity maps: resizes a prototype's map to the size of the image. */

import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { resizeCubicMap } from "../vision/resize/opencv_cubic.ts";

/**
 * Resizes each of maps [N, h, w] to `width` × `height` by OpenCV's cubic interpolation; values are not
 * clipped.
 *
 * @throws {RangeError} if the maps are not three-dimensional or a side is not a positive integer.
 */
export function upscaleMaps(
  maps: HostTensor<"float32">,
  width: number,
  height: number,
): HostTensor<"float32"> {
  if (maps.shape.length !== 3) {
    throw new RangeError(`expected maps [N, h, w], but their shape is [${maps.shape}]`);
  }
  const [count, rows, columns] = maps.shape;
  const stretched = new Float32Array(count * height * width);
  for (let i = 0; i < count; i++) {
    const map = float32([rows, columns], maps.data.subarray(i * rows * columns, (i + 1) * rows * columns));
    stretched.set(resizeCubicMap(map, width, height).data, i * width * height);
  }
  return float32([count, height, width], stretched);
}
