import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** The folder for a stack's SSH files: `$BERTH_HOME/ssh/STACK`, or `.berth/ssh/STACK` beside the program. */
export function defaultSshFolder(): string {
  return join(process.env["BERTH_HOME"] ?? ".berth", "ssh", pulumi.getStack());
}

/**
 * Keeps a file that OpenSSH's options can name, mode 0600, and gives its path once it is there. Docker's `ssh://` takes keys
 * and known hosts as files only; they are written by each run of the program, previews included, so that another laptop or
 * a CI machine with the same state has them too.
 */
export function sshFile(path: string, content: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.unsecret(
    pulumi.output(content).apply((text) => {
      const wanted = text.endsWith("\n") ? text : `${text}\n`;
      if (existsSync(path) && readFileSync(path, "utf8") === wanted) {
        chmodSync(path, 0o600);
        return path;
      }
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const draft = `${path}.${process.pid}`;
      writeFileSync(draft, wanted, { mode: 0o600 });
      renameSync(draft, path);
      return path;
    }),
  );
}
