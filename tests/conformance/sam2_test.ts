/** The suite `sam2` of the shared fixtures: the image model and the automatic mask generator. */

import { testSuite } from "./test_suite.ts";

testSuite("sam2");
