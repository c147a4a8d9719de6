import type { ExecResult, SshConnection } from "../../connection/index.js";

const started = "berth-script-started";
const becomeRoot =
  'if [ "$(id -u)" = 0 ]; then exec env LC_ALL=C sh -s; else exec sudo -n -- env LC_ALL=C sh -s; fi';

/** Runs a script as root on the machine. A non-zero exit of the script does not throw; not becoming root does. */
export async function runAsRoot(
  ssh: SshConnection,
  where: string,
  script: string,
  signal: AbortSignal,
): Promise<ExecResult> {
  const command = `sh -c '${becomeRoot}'`;
  const result = await ssh.exec(command, { signal, stdin: `echo ${started}\n${script}` });
  const [first, ...rest] = result.stdout.split("\n");
  if (first === started) return { ...result, stdout: rest.join("\n") };
  const words = result.stderr.trim() || `exit code ${result.code}`;
  throw new Error(
    `${where}: the connecting user cannot become root (${words}). ` +
      'It must be root, or be allowed to use sudo without a password ("user ALL=(ALL) NOPASSWD: ALL" in /etc/sudoers.d).',
  );
}
