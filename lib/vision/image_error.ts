/** Why a file was refused as an image. */

/** What was wrong with the file, for a program to decide by. */
export type ImageFault =
  /** The file can't be opened or read. */
  | "unreadable"
  | "empty"
  /** Neither a JPEG nor a PNG, whatever its name says. */
  | "not_an_image"
  /** More pixels or bytes than are ever allocated for one image. */
  | "too_large"
  /** An image that shows no mask, or none of its image. */
  | "not_a_mask"
  /** The data end before the last pixel. */
  | "truncated"
  | "corrupt";

/** An image file that can't be used; the message names the file, what was found and what was expected. */
export class ImageError extends Error {
  override readonly name = "ImageError";

  constructor(readonly reason: ImageFault, readonly file: string, detail: string, options?: ErrorOptions) {
    super(`${file}: ${detail}`, options);
  }
}
