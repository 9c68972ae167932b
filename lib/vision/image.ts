/** The one image type: height × width × channels, uint8, with a stated colour order. */

/**
 * The meaning of an image's channels, first to last. HSV, HLS and LAB are scaled to bytes as OpenCV does: hue
 * 0 … 179 (half degrees), saturation, value and lightness 0 … 255, a and b shifted by 128.
 */
export type ColorOrder = "RGB" | "BGR" | "RGBA" | "GRAY" | "HSV" | "HLS" | "LAB";

/** The order in which a network is given the channels of a colour image. */
export type ChannelOrder = Extract<ColorOrder, "RGB" | "BGR">;

/** `data` is row-major HWC; its length is height · width · channels. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly order: ColorOrder;
  readonly data: Uint8Array;
}

/** A binary mask: one byte a pixel, 0 or 1, row-major. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const CHANNELS: Readonly<Record<ColorOrder, number>> = {
  RGB: 3,
  BGR: 3,
  RGBA: 4,
  GRAY: 1,
  HSV: 3,
  HLS: 3,
  LAB: 3,
};

/**
 * An image over `data`, which is not copied; without it, a black image.
 *
 * @throws {RangeError} when the length of `data` is not height · width · channels.
 */
export function image(width: number, height: number, order: ColorOrder, data?: Uint8Array): Image {
  const channels = CHANNELS[order];
  data ??= new Uint8Array(width * height * channels);
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `a ${width} × ${height} ${order} image holds ${
        width * height * channels
      } bytes, but ${data.length} were given`,
    );
  }
  return { width, height, channels, order, data };
}

/**
 * A mask over `data`, which is not copied; without it, an empty mask.
 *
 * @throws {RangeError} when the length of `data` is not height · width.
 */
export function mask(width: number, height: number, data?: Uint8Array): Mask {
  data ??= new Uint8Array(width * height);
  if (data.length !== width * height) {
    throw new RangeError(
      `a ${width} × ${height} mask holds ${width * height} bytes, but ${data.length} were given`,
    );
  }
  return { width, height, data };
}

/**
 * Checks the channel order of an image.
 *
 * @throws {RangeError} when the channels are in another order.
 */
export function requireOrder({ order }: Image, expected: ColorOrder): void {
  if (order !== expected) throw new RangeError(`expected an image of order ${expected}, but it is ${order}`);
}

/** A mask as a grey image over the same bytes, for what treats both alike. */
export function imageOfMask({ width, height, data }: Mask): Image {
  return image(width, height, "GRAY", data);
}
