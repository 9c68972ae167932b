/** Sizes and rectangles in whole pixels. */

/** The sides of an image or of a part of it. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of an image: its left and top edge, and its sides. */
export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}
