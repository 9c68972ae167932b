/** Grey from RGB, by OpenCV's rule on bytes. */

/** OpenCV's grey of one pixel: weights 0.299, 0.587, 0.114 in units of 2⁻¹⁵, rounded. */
export function grayLevel(red: number, green: number, blue: number): number {
  return (Math.imul(9798, red) + Math.imul(19235, green) + Math.imul(3735, blue) + 16384) >> 15;
}
