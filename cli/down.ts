import { existsSync, rmSync } from "node:fs";
import { stopLab } from "../lab/index.js";
import { ensureToolchain } from "../toolchain/index.js";
import { ensureHost } from "./host.js";
import type { Project } from "./project.js";
import { pulumi } from "./pulumi.js";
import { say, UserError } from "./say.js";
import { listStacks } from "./stack.js";
import { type StackOptions, stackArguments } from "./up.js";
import { writeWrappers } from "./wrappers.js";

export interface DownOptions extends StackOptions {
  /** End the lab even where the stack can't be destroyed: all that it holds goes with it. */
  readonly force?: boolean;
}

/**
 * Destroys the stack and forgets it. The lab is stopped with the last stack, and everything of this checkout outside the
 * cache is removed with it.
 */
export async function down(project: Project, options: DownOptions): Promise<void> {
  if (!existsSync(project.home)) {
    say("Nothing to take down: this checkout has made nothing.");
    return;
  }
  const places = { berthHome: project.home, cacheDir: project.cache, log: say };
  const toolchain = await ensureToolchain({ projectDir: project.dir, ...places });
  const host = await ensureHost(project);
  const ready = { host, bin: writeWrappers(project, toolchain, host) };

  const before = await listStacks(project, ready);
  const force = options.force === true && host.lab !== undefined;
  if (before.includes(options.stack)) {
    try {
      await pulumi(project, ready, ["destroy", "--yes", "--skip-preview", ...stackArguments(options)]);
      await pulumi(project, ready, ["stack", "rm", "--yes", "--preserve-config", options.stack]);
    } catch (error) {
      if (host.lab === undefined) throw error;
      const hint = 'The lab can be ended with all that it holds: "npm run down -- --force"';
      if (!force) throw new UserError(`${(error as Error).message}. ${hint}`);
    }
  }
  const rest = before.filter((name) => name !== options.stack);
  if (rest.length > 0 && !force) {
    say(`Kept, as other stacks still stand: ${rest.join(", ")} ("npm run down -- --stack NAME")`);
    return;
  }
  if (host.lab !== undefined) await stopLab({ berthHome: project.home, log: say });
  // The user's own backend and passphrase are elsewhere; these are of no use without the stacks.
  rmSync(project.home, { recursive: true, force: true });
  say(`Removed ${project.home}`);
}
