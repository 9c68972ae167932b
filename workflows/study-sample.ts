/**
 * The study on a few photographs of CUB-200-2011, small enough for a CPU: ProtoMask as in `cub200-sample`, and the
 * other three models with and without crops to the object, with the same ResNet-50. Give the data set's folder, in
 * the published layout, with `--set data.source=FOLDER`.
 */
import sample from "./cub200-sample.ts";
import { besideProtoMask } from "./study/image_row.ts";
import { IMAGE_SAMPLE } from "./study/image_sample.ts";
import { together } from "./study/together.ts";

export default together(
  {
    name: "study-sample",
    about: "four models on a folder with photographs of CUB-200-2011 (--set data.source=FOLDER)",
    title: "The study on photographs of birds",
  },
  besideProtoMask(sample, IMAGE_SAMPLE, {
    on: "photographs of birds",
    data: sample.tasks.data,
    size: { object: 224, image: 224 },
    seeds: [4871],
    smoke: "study",
  }),
);
