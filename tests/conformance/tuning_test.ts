/** The suite `tuning` of the shared fixtures. */

import { testSuite } from "./test_suite.ts";

testSuite("tuning");
