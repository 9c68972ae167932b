/** ProtoMask on Stanford Cars with masks by SAM 2.1. */
import { protoMaskStudy } from "./study/protomask.ts";

export default protoMaskStudy("cars-sam2", {
  dataSet: "cars196",
  masks: "sam2",
  numMasks: 16,
  learningRates: { backbone: 6e-5, prototype_vectors: 2e-3 },
  stepSize: 35,
});
