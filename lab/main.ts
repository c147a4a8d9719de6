import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ensureImages } from "./ensureImages.js";
import { forward } from "./forward.js";
import { labStatus } from "./labStatus.js";
import { startLab } from "./startLab.js";
import { stopLab } from "./stopLab.js";

const usage = "Usage: node dist/lab/main.js start|stop|status|images [NAME…]|forward LISTEN TARGET";
const log = (line: string): void => console.error(line);
const berthHome = resolve(process.env["BERTH_HOME"] ?? ".berth");
const cacheDir = resolve(process.env["BERTH_CACHE"] ?? join(homedir(), ".cache", "berth"));
const options = { berthHome, log };

/** A command for the lab alone, by hand; `berth` does the same and more. */
const [command, ...names] = process.argv.slice(2);
switch (command) {
  case "start":
    console.log(JSON.stringify(await startLab(options), null, 2));
    break;
  case "stop":
    await stopLab(options);
    break;
  case "forward": {
    const [listen = "", target = ""] = names;
    console.log(await forward({ lab: (await labStatus(options)).lab, listen, target }));
    break;
  }
  case "images":
    await ensureImages({ ...options, cacheDir, ...(names.length > 0 && { names }) });
    break;
  case "status":
    console.log(JSON.stringify(await labStatus(options), null, 2));
    break;
  default:
    console.error(usage);
    process.exitCode = 2;
}
