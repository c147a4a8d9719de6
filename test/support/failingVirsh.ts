import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

/**
 * A virsh in front of the real one that breaks one command: the one of this number, or the first of this name. `fail` has libvirt
 * refuse it; `kill` ends, at that moment and without a warning, the process that asked; `interrupt` tells it to end, as Ctrl-C does.
 */
export class FailingVirsh {
  private constructor(
    readonly folder: string,
    readonly path: string,
  ) {}

  static async in(
    folder: string,
    at: number | string,
    how: "fail" | "kill" | "interrupt",
  ): Promise<FailingVirsh> {
    const bin = join(folder, "failing-virsh");
    await rm(bin, { recursive: true, force: true });
    await mkdir(bin);
    const path = process.env["PATH"]!;
    await writeFile(join(bin, "commands"), "");
    const hit = typeof at === "number" ? `[ "$(wc -l <commands)" -eq ${at} ]` : `[ "\${line%% *}" = ${at} ]`;
    const end = {
      fail: "line=broken-by-the-test",
      kill: "kill -9 $PPID; exit",
      interrupt: "kill -INT $PPID",
    }[how];
    await writeFile(
      join(bin, "virsh"),
      `#!/bin/sh
cd '${bin}'
while IFS= read -r line; do
  case $line in
  "echo "*) ;;
  *)
    echo >>commands
    if [ ! -e done ] && ${hit}; then touch done; ${end}; fi
    ;;
  esac
  printf '%s\\n' "$line"
done | PATH='${path}' virsh "$@"
`,
    );
    await chmod(join(bin, "virsh"), 0o755);
    return new FailingVirsh(bin, [bin, path].join(delimiter));
  }

  /** Whether the command to be broken has come. */
  async broke(): Promise<boolean> {
    return readFile(join(this.folder, "done")).then(
      () => true,
      () => false,
    );
  }
}
