/** The suites `masks`, `views` and `datasets` of the shared fixtures. */

import { testSuite } from "./test_suite.ts";

for (const suite of ["masks", "views", "datasets"]) testSuite(suite);
