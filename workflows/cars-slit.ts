/** ProtoMask on Stanford Cars with masks by SLIT. */
import { protoMaskStudy } from "./study/protomask.ts";

export default protoMaskStudy("cars-slit", {
  dataSet: "cars196",
  masks: "slit",
  numMasks: 11,
  learningRates: { backbone: 7.3e-5, prototype_vectors: 3.5e-3 },
  stepSize: 35,
});
