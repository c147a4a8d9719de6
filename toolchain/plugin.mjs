// Starts one of the project's plugins, compiled first where it has changed: node plugin.mjs NAME ARGUMENTS…
import { compile, projectDir } from "./compile.mjs";

const [name] = process.argv.splice(2, 1); // The plugin sees only the engine's arguments.
try {
  await compile(projectDir);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import(`../dist/providers/${name}/main.js`);
