import { definition } from "../../../providers/docker/definition.js";
import { describeBesideOfficial } from "../../support/docker/besideOfficial.js";
import { describeEveryArgument } from "../../support/docker/everyArgument.js";
import { oldestEngine } from "../../support/dockerEngine.js";
import { findOfficialPlugin, officialPlace } from "../../support/officialPlugin.js";

describeEveryArgument(oldestEngine);

const official = await findOfficialPlugin(definition.version);
if (official) {
  describeBesideOfficial(official);
} else {
  const place = officialPlace(definition.version);
  console.info(
    `Pulumi's own docker plugin is neither at ${place} nor on PATH: there is nothing to compare with.`,
  );
}
