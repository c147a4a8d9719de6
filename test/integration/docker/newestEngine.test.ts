import { describeEveryArgument } from "../../support/docker/everyArgument.js";
import { newestEngine } from "../../support/dockerEngine.js";

// The others are among the long tests.
describeEveryArgument(await newestEngine(), ["Container", "Network", "Volume"]);
