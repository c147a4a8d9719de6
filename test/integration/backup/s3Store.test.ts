import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { listBackups } from "../../../cli/backup/listBackups.js";
import { openRepository } from "../../../cli/backup/openRepository.js";
import { pruneBackups } from "../../../cli/backup/pruneBackups.js";
import type { Backup, StoredFile } from "../../../cli/backup/repository/manifest.js";
import type { Repository } from "../../../cli/backup/repository/repository.js";
import { S3Store } from "../../../cli/backup/repository/s3Store.js";
import { loadFile, storeFile } from "../../../cli/backup/repository/storedFiles.js";
import { repositoryTests } from "../../support/backup/repositoryTests.js";
import { stubS3Environment } from "../../support/backup/s3Environment.js";
import { type S3Server, startS3Server } from "../../support/backup/s3Server.js";
import { storeTests } from "../../support/backup/storeTests.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

let server: S3Server;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-s3-test-"));
  server = await startS3Server();
  await server.bucket("backups");
}, 600_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await server?.stop();
  await rm(folder, { recursive: true });
});
beforeEach(() => stubS3Environment(server.endpoint, server.owner));

let count = 0;
/** A place in the bucket that nothing is at yet. */
const newPrefix = () => `of-test/${count++}`;
const newStore = () => S3Store.at("backups", newPrefix());

describe("a store in S3", () => {
  storeTests(newStore, 15);

  test("lists what fills more than a page", async () => {
    const store = await newStore();
    const keys = Array.from({ length: 1100 }, (_, index) => `chunks/0a/${String(index).padStart(4, "0")}`);
    for (let from = 0; from < keys.length; from += 20) {
      await Promise.all(keys.slice(from, from + 20).map((key) => store.put(key, Buffer.from("x"))));
    }
    expect(await store.list("chunks/")).toEqual(keys);
  });

  test("may have all of a bucket", async () => {
    await server.bucket("whole");
    const store = await S3Store.at("whole", "");
    await store.put("chunks/0a/x", Buffer.from("x"));
    expect(await store.list("chunks/")).toEqual(["chunks/0a/x"]);
    expect(store.where).toBe("s3://whole");
  });
});
describe("a repository in S3", () => repositoryTests(newStore));

const backup = (id: string, taken: string, disk: StoredFile): Backup => ({
  version: 1,
  id,
  set: taken,
  stack: "dev",
  machine: "web-1",
  taken,
  consistency: "frozen",
  hypervisor: "qemu:///system",
  domain: "<domain/>",
  disks: { vda: disk },
  files: {},
  added: 0,
});

/** A file as a disk is: a few MiB with much of nothing between. */
async function makeDisk(name: string): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, "w");
  for (let at = 0; at < 4; at++) await file.write(randomBytes(2 ** 20), 0, undefined, at * 16 * 2 ** 20);
  await file.truncate(80 * 2 ** 20 + 512);
  await file.close();
  return path;
}

/** What a command writes to standard output. */
async function outputOf(command: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await command();
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

describe("the commands", () => {
  const keep = { keepLast: 1, keepDaily: 0, keepWeekly: 0, keepMonthly: 0 };
  const store = async (repository: Repository, disk: string, id: string, taken: string) => {
    const { stored, added } = await storeFile(repository, disk, AbortSignal.timeout(120_000));
    await repository.putBackup(backup(id, taken, stored));
    return { stored, added };
  };

  test("back up, list, prune and restore as from a folder", async () => {
    const to = `s3://backups/${newPrefix()}`;
    vi.stubEnv("BERTH_BACKUP_TO", `${to}/`);
    vi.stubEnv("BERTH_BACKUP_PASSPHRASE", "of a test");
    await expect(listBackups({})).rejects.toThrow(`${to} has no backups`);
    const [first, second] = [await makeDisk("first"), await makeDisk("second")];
    const repository = await openRepository({}, true);
    await repository.exclusively("berth backup", async () => {
      const { added } = await store(repository, first, "web-1-1", "2026-11-24T22:00:00.000Z");
      expect(added).toBeGreaterThan(4 * 2 ** 20);
      const again = await store(repository, first, "web-1-2", "2026-11-25T22:00:00.000Z");
      expect(again.added).toBe(0);
      await store(repository, second, "web-1-3", "2026-11-26T22:00:00.000Z");
      // Nobody removes what a backup that is under way counts on.
      await expect(pruneBackups(keep)).rejects.toThrow(/another run is at work in s3:/);
    });
    const rows = JSON.parse(await outputOf(() => listBackups({ json: true })));
    expect(rows.map(({ id }: { id: string }) => id)).toEqual(["web-1-1", "web-1-2", "web-1-3"]);
    expect(await outputOf(() => pruneBackups(keep))).toBe("web-1-2\nweb-1-1\n");
    expect(await repository.store.list("chunks/")).toHaveLength(16);

    const reader = await openRepository({});
    const back = join(folder, "back");
    const { disks } = await reader.getBackup("web-1-3");
    await loadFile(reader, disks["vda"]!, back, AbortSignal.timeout(120_000));
    expect((await readFile(back)).equals(await readFile(second))).toBe(true);
    await expect(reader.getBackup("web-1-1")).rejects.toThrow(`${to} has no backup "web-1-1"`);
  });

  test.each([
    ["SIGTERM", 7],
    ["SIGKILL", null],
  ] as const)(
    "a run that gets %s lets go of the repository, but for one that is killed",
    async (name, code) => {
      const to = `s3://backups/${newPrefix()}`;
      await openRepository({ to }, true);
      const script = join(import.meta.dirname, "support/holdRepository.ts");
      const child = spawn(process.execPath, [...typeScriptArguments(script), to], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        await once(child.stdout, "data");
        const message = `(process ${child.pid} on `;
        await expect(pruneBackups({ to, ...keep })).rejects.toThrow(message);
        const ended = once(child, "exit");
        child.kill(name);
        expect((await ended)[0]).toBe(code);
        if (name === "SIGKILL") await expect(pruneBackups({ to, ...keep })).rejects.toThrow(message);
        else expect(await outputOf(() => pruneBackups({ to, ...keep }))).toBe("");
      } finally {
        child.kill("SIGKILL");
      }
    },
  );
});

describe("what is wrong is told, with what helps, and no secret", () => {
  const refusal = async (to = "s3://backups/refused") => {
    const error = await openRepository({ to }, true).then(
      () => new Error("nothing was wrong"),
      (one: Error) => one,
    );
    for (const { secret } of [server.owner, server.stranger]) expect(error.message).not.toContain(secret);
    return error.message;
  };

  test("no bucket", async () => {
    const message = `s3://nowhere/x: ${server.endpoint} has no bucket "nowhere". Make it, or name another one.`;
    expect(await refusal("s3://nowhere/x")).toBe(message);
  });
  test("no right", async () => {
    stubS3Environment(server.endpoint, server.stranger);
    expect(await refusal()).toMatch(/reading repository.json is denied. The credentials need s3:ListBucket/);
  });
  test("an unknown key", async () => {
    stubS3Environment(server.endpoint, { access: "unknown", secret: server.owner.secret });
    expect(await refusal()).toMatch(/does not know the access key. Correct AWS_ACCESS_KEY_ID/);
  });
  test("a wrong secret", async () => {
    stubS3Environment(server.endpoint, { access: server.owner.access, secret: server.stranger.secret });
    expect(await refusal()).toMatch(/the secret key is not the one of the access key/);
  });
  test("no credentials", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    expect(await refusal()).toMatch(
      /there are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    );
  });
  test("no store", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9");
    expect(await refusal()).toMatch(
      /http:\/\/127.0.0.1:9 can't be reached \(ECONNREFUSED\). See that it runs/,
    );
  });
  test("TLS where there is none", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", server.endpoint.replace("http:", "https:"));
    expect(await refusal()).toMatch(/does not speak TLS. Write http:\/\//);
  });
  test("a clock that is off does no harm", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    try {
      expect(await refusal(`s3://backups/${newPrefix()}`)).toBe("nothing was wrong");
    } finally {
      vi.useRealTimers();
    }
  });
  test("another region", async () => {
    vi.stubEnv("AWS_REGION", "eu-central-1");
    expect(await refusal()).toMatch(/the bucket "backups" is in another region/);
  });
  test("no region", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", undefined);
    expect(await refusal()).toMatch(/its region is not said. Set AWS_REGION/);
  });
  test.each(["127.0.0.1:9000", "http://key:secret@127.0.0.1", "ftp://127.0.0.1"])(
    "the endpoint %s",
    async (url) => {
      vi.stubEnv("AWS_ENDPOINT_URL", url);
      vi.stubEnv("AWS_ENDPOINT_URL_S3", undefined);
      const message = await refusal();
      expect(message).toMatch(
        /the endpoint in AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the AWS profile is not usable/,
      );
      expect(message).not.toContain(url);
    },
  );
  test.each(["http://127.0.0.1/backups", "s3://", "s3://a?b", "sftp://backups/x"])(
    "no place: %s",
    async (to) => {
      expect(await refusal(to)).toBe(
        `"${to}" is no place for backups. Write a folder's path, or s3://bucket/prefix; a store's address goes into AWS_ENDPOINT_URL_S3.`,
      );
    },
  );
});

test("an AWS profile says as much as the variables do", async () => {
  const { access, secret } = server.owner;
  const [config, credentials] = [join(folder, "config"), join(folder, "credentials")];
  await writeFile(config, `[profile lab]\nregion = us-east-1\nendpoint_url = ${server.endpoint}\n`);
  await writeFile(credentials, `[lab]\naws_access_key_id = ${access}\naws_secret_access_key = ${secret}\n`);
  for (const name of ["AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", config);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", credentials);
  vi.stubEnv("AWS_PROFILE", "lab");
  const store = await newStore();
  await store.put("backups/x", Buffer.from("x"));
  expect(await store.list("backups/")).toEqual(["backups/x"]);
});
