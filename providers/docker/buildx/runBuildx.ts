import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import type { Credentials } from "../registryAuth.js";
import { dockerFolder, findBuildx } from "./findBuildx.js";
import { openEngineSocket } from "./openEngineSocket.js";

export interface BuildxOptions {
  /** Told each line that it prints on its standard error, where it shows how far it is. */
  readonly onLine?: (line: string) => void;
  /** Beside the provider's own, by registry. */
  readonly credentials?: Readonly<Record<string, Credentials>>;
  /** What it is not to be told on its command line, which others can read. */
  readonly env?: Readonly<Record<string, string>>;
}

const keptLines = 30;
/** It stops what it began when it is asked to end; then it is made to. */
const graceMs = 10_000;

/**
 * Runs `docker buildx` with these arguments against the provider's engine, which it reaches over this plugin's own
 * connection. Gives its standard output. On a failure the error carries its last lines; an abort ends it.
 */
export async function runBuildx(
  args: readonly string[],
  call: Call<Configuration>,
  { onLine = () => {}, credentials = {}, env = {} }: BuildxOptions = {},
): Promise<string> {
  const buildx = findBuildx();
  const engine = await openEngineSocket(call.config.engine, call.signal);
  const logins = { ...call.config.allCredentials(), ...credentials };
  const folder = Object.keys(logins).length > 0 ? writeLogins(logins) : undefined;
  try {
    const child = spawn(buildx, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...env,
        ...engine.env,
        DOCKER_CONTEXT: undefined,
        BUILDX_CONFIG: process.env["BUILDX_CONFIG"] || join(dockerFolder(), "buildx"),
        ...(folder && { DOCKER_CONFIG: folder }),
        BUILDKIT_PROGRESS: "plain",
      },
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (line.trim() === "") return;
      lines.push(line);
      lines.splice(0, Math.max(0, lines.length - keptLines));
      onLine(line);
    });
    let kill: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill("SIGINT");
      kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
    };
    call.signal.addEventListener("abort", stop, { once: true });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
      if (call.signal.aborted) stop();
    });
    clearTimeout(kill);
    call.signal.removeEventListener("abort", stop);
    call.signal.throwIfAborted();
    if (code === 0) return stdout;
    const said = lines.map((line) => `  ${line}`).join("\n");
    throw new Error(`docker buildx ${args[0]} failed (exit status ${code}):\n${said}`);
  } finally {
    engine.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** A configuration folder for this one run, as buildx reads log-ins from there only. */
function writeLogins(logins: Readonly<Record<string, Credentials>>): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-docker-"));
  const auths = Object.entries(logins).map(([address, { username = "", password = "", identitytoken }]) => [
    address === "docker.io" ? "https://index.docker.io/v1/" : address.replace(/^https?:\/\//, ""),
    {
      auth: Buffer.from(`${username}:${password}`).toString("base64"),
      ...(identitytoken && { identitytoken }),
    },
  ]);
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: Object.fromEntries(auths) }), {
    mode: 0o600,
  });
  return folder;
}
