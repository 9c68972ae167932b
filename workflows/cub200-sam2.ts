/** ProtoMask on CUB-200-2011 with masks by SAM 2.1. */
import { protoMaskStudy } from "./study/protomask.ts";

export default protoMaskStudy("cub200-sam2", {
  dataSet: "cub200",
  masks: "sam2",
  numMasks: 11,
  learningRates: { backbone: 6e-5, prototype_vectors: 3e-3 },
  stepSize: 35,
});
