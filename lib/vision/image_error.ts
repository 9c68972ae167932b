/** Why a file was refused as an image. */

/** The reason, for programs. */
export type ImageFault =
  /** The file can't be opened or read. */
  | "unreadable"
  | "empty"
  /** Neither a JPEG nor a PNG, whatever its name says. */
  | "not_an_image"
  /** More pixels or bytes than the limits of `decode.ts`. */
  | "too_large"
  /** An image that is not a mask, or not a mask of its image. */
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
