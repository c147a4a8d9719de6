import { describeEveryArgument } from "../../support/docker/everyArgument.js";
import { newestEngine } from "../../support/dockerEngine.js";

describeEveryArgument(await newestEngine());
