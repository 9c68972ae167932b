/** ProtoMask on Stanford Dogs with masks by SAM 2.1. */
import { protoMaskStudy } from "./study/protomask.ts";

export default protoMaskStudy("dogs-sam2", {
  dataSet: "dogs",
  masks: "sam2",
  numMasks: 13,
  learningRates: { backbone: 1e-5, prototype_vectors: 3e-3 },
  stepSize: 30,
});
