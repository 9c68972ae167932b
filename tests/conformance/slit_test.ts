/** The suite `slit` of the shared fixtures: SegFormer, its image processor, and the masks between boundaries. */

import { testSuite } from "./test_suite.ts";

testSuite("slit");
