import { text } from "node:stream/consumers";
import { domain } from "../../providers/berth/domain.js";
import { pluginCall } from "./machines.js";

/** A process that makes a domain, for tests that kill it: inputs and URN come as JSON over its standard input. */
const { inputs, urn } = JSON.parse(await text(process.stdin));
await domain.create(inputs, pluginCall(urn));
