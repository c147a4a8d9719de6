import { text } from "node:stream/consumers";
import { domain } from "../../../providers/berth/domain.js";
import { savedDomain } from "../../../providers/berth/savedDomain.js";
import { pluginCall } from "../../support/machines.js";

/** Creates what its standard input describes, as the plugin would, and prints what it says on the way: for a test to kill. */
const inputs = JSON.parse(await text(process.stdin));
const say = (line: string) => void process.stdout.write(`${line}\n`);
if (process.argv[2] === "domain") {
  await domain.create(inputs, {
    ...pluginCall(`urn:${inputs.name}`),
    log: (_, line) => say(line),
    status: say,
  });
} else {
  const call = pluginCall(`urn:template:${inputs.name}`);
  await savedDomain.create(inputs, { ...call, log: (_, line) => say(line), status: say });
}
