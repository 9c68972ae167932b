/**
 * The study on drawn birds, small and without downloads: ProtoMask as in `birds`, and the other three models with
 * and without crops to the object.
 */
import birds from "./birds.ts";
import { smokeBirds } from "./study/drawn_birds.ts";
import { IMAGE_BIRDS } from "./study/image_birds.ts";
import { besideProtoMask } from "./study/image_row.ts";
import { together } from "./study/together.ts";

const seeds = [4871, 7579];

export default together(
  {
    name: "study-birds",
    about: "four models on drawn birds: small, embedded, two seeds",
    title: "The study on drawn birds",
  },
  besideProtoMask({ ...birds, matrix: { seed: seeds } }, IMAGE_BIRDS, {
    on: "drawn birds",
    data: birds.tasks.data,
    // A bird takes up about two thirds of an image, so that it has as many pixels with and without crops.
    size: { object: 64, image: 96 },
    seeds,
    smoke: smokeBirds,
  }),
);
