/** What the kind `segment` needs: for methods with a network a quarter of a GPU, which waits for masks to be sorted. */
import { defineDemand } from "../../lib/flow/demand.ts";
import { methodOf, type SegmentMethod } from "../../lib/segment/methods.ts";
import { NETWORK_CPU } from "../../lib/segment/methods/method.ts";

/** The demand of the kind `segment`. */
export default defineDemand<{ readonly method: SegmentMethod }>({
  gpu: ({ method }) => methodOf(method).cpu === NETWORK_CPU ? 0.25 : 0,
});
