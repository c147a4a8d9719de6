import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtTool } from "../builtTool.js";
import { freePort } from "../docker/ports.js";
import { waitUntil } from "../docker/waitUntil.js";
import type { S3User } from "./s3Environment.js";

/** An S3 store of a test's own, on loopback. */
export interface S3Server {
  readonly endpoint: string;
  /** May do everything. */
  readonly owner: S3User;
  /** Is known, and may do nothing. */
  readonly stranger: S3User;
  /** Makes a bucket. */
  readonly bucket: (name: string) => Promise<void>;
  /** Stops it and removes all that was in it. */
  readonly stop: () => Promise<void>;
}

const startLimitMs = 20_000;

/** Builds it where it is not in the cache yet, which takes half a minute. */
export async function startS3Server(): Promise<S3Server> {
  const { binDir } = await builtTool({
    name: "s3-server",
    modulePath: "github.com/versity/versitygw",
    programs: { "s3-server": "." },
  });
  const folder = await mkdtemp(join(tmpdir(), "berth-s3-"));
  for (const name of ["data", "meta", "iam"]) await mkdir(join(folder, name));
  const [owner, stranger] = [aUser(), aUser()];
  const accounts = { [stranger.access]: { ...stranger, role: "user", userID: 0, groupID: 0 } };
  await writeFile(join(folder, "iam/users.json"), JSON.stringify({ accessAccounts: accounts }));
  const address = `127.0.0.1:${await freePort()}`;
  const endpoint = `http://${address}`;
  const child = spawn(join(binDir, "s3-server"), [folder, address, owner.access, owner.secret], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    await rm(folder, { recursive: true });
  };
  try {
    await waitUntil("the S3 server", startLimitMs, async () => {
      if (child.exitCode !== null) throw new Error("the S3 server has ended");
      return (await fetch(`${endpoint}/health`).catch(() => undefined))?.ok === true;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  // A folder of the server's is a bucket of its owner's.
  const bucket = async (name: string) => void (await mkdir(join(folder, "data", name)));
  return { endpoint, owner, stranger, bucket, stop };
}

function aUser(): S3User {
  return { access: randomBytes(8).toString("hex"), secret: randomBytes(16).toString("hex") };
}
