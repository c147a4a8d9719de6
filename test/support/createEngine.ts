import { text } from "node:stream/consumers";
import { dockerEngine } from "../../providers/berth/dockerEngine.js";
import { pluginCall } from "./machines.js";

/** A process in a lab's network that makes a DockerEngine of the inputs on its standard input, and writes what came of it. */
const inputs = JSON.parse(await text(process.stdin));
try {
  const { state } = await dockerEngine.create(inputs, pluginCall("urn:engine"));
  console.log(JSON.stringify({ state }));
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }));
}
process.exit();
