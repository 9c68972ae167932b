/** The suites `models`, `training`, `projection` and `pipeline` of the shared fixtures. */

import { testSuite } from "./test_suite.ts";

for (const suite of ["models", "training", "projection", "pipeline"]) testSuite(suite);
