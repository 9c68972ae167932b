/** ProtoMask on Stanford Dogs with masks by SLIT. */
import { protoMaskStudy } from "./study/protomask.ts";

export default protoMaskStudy("dogs-slit", {
  dataSet: "dogs",
  masks: "slit",
  numMasks: 10,
  learningRates: { backbone: 2.9e-5, prototype_vectors: 3e-3 },
  stepSize: 30,
});
