// Starts a plugin whose standard input says nothing about its parent, and lives until it is killed.
import { spawn } from "node:child_process";

spawn(process.execPath, process.argv.slice(2), { stdio: ["ignore", "inherit", "inherit"] });
setInterval(() => {}, 1000);
