import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeWrappers } from "../../../cli/wrappers.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth's wrappers-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the engine sees when a user types `pulumi up 'a b'` with this environment. */
function seen(env: Record<string, string>): { variables: Record<string, string>; arguments: string[] } {
  const pulumi = join(folder, "engine");
  writeFileSync(pulumi, '#!/bin/sh\nenv\nfor word; do echo "argument=$word"; done\n');
  chmodSync(pulumi, 0o755);
  const bin = writeWrappers(
    { dir: folder, home: folder, cache: folder },
    {
      pulumi,
      origin: "built",
      binDirs: [],
      env: { PULUMI_BACKEND_URL: "file:///state", PULUMI_CONFIG_PASSPHRASE_FILE: "/passphrase" },
    },
    {
      libvirtUri: "qemu:///system",
      dockerHost: "unix:///docker.sock",
      consoleLogs: "/logs",
      templates: "/templates",
    },
  );
  const lines = execFileSync(join(bin, "pulumi"), ["up", "a b"], {
    env: { PATH: "/usr/bin:/bin", ...env },
    encoding: "utf8",
  })
    .trim()
    .split("\n");
  const pairs = lines.map(
    (line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const,
  );
  return {
    variables: Object.fromEntries(pairs),
    arguments: pairs.filter(([name]) => name === "argument").map(([, value]) => value),
  };
}

test("hands on the arguments, and says where things are", () => {
  const { variables, arguments: words } = seen({});
  expect(words).toEqual(["up", "a b"]);
  expect(variables).toMatchObject({
    PULUMI_BACKEND_URL: "file:///state",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/passphrase",
    BERTH_HOME: folder,
    TMPDIR: join(folder, "tmp"),
    BERTH_LIBVIRT_URI: "qemu:///system",
    BERTH_DOCKER_HOST: "unix:///docker.sock",
    BERTH_CONSOLE_LOGS: "/logs",
    BERTH_TEMPLATES: "/templates",
  });
});

test("a backend and a passphrase of the user's own win", () => {
  const { variables } = seen({ PULUMI_BACKEND_URL: "s3://theirs", PULUMI_CONFIG_PASSPHRASE: "theirs" });
  expect(variables["PULUMI_BACKEND_URL"]).toBe("s3://theirs");
  expect(variables["PULUMI_CONFIG_PASSPHRASE"]).toBe("theirs");
  expect(variables["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBeUndefined();
});
