/** ProtoPNet on photographs of your own, as in `own-images`; the model sees whole images and needs no masks. */
import { IMAGE_SAMPLE } from "./study/image_sample.ts";
import { imageRow } from "./study/image_row.ts";

export default {
  ...imageRow({
    on: "your own photographs",
    data: { kind: "dataset", params: { name: "image-folder" } },
    through: "image",
    size: { object: 224, image: 224 },
    seeds: [4871],
    options: IMAGE_SAMPLE.protopnet,
    smoke: "protopnet",
  }),
  name: "own-images-protopnet",
  about: "ProtoPNet on your own photographs, a folder for each class (--set data.source=FOLDER)",
};
