/** The suites `metrics` and `tables` of the shared fixtures. */

import { testSuite } from "./test_suite.ts";

testSuite("metrics");
testSuite("tables");
