/** The suite `prp` of the shared fixtures. */

import { testSuite } from "./test_suite.ts";

testSuite("prp");
