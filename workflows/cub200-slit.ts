/** ProtoMask on CUB-200-2011 with masks by SLIT. */
import { protoMaskStudy } from "./study/protomask.ts";

export default protoMaskStudy("cub200-slit", {
  dataSet: "cub200",
  masks: "slit",
  numMasks: 8,
  learningRates: { backbone: 9.4e-5, prototype_vectors: 2.7e-3 },
  stepSize: 35,
});
