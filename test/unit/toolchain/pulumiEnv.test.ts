import { expect, test } from "vitest";
import { type PulumiSettings, pulumiEnv } from "../../../toolchain/pulumiEnv.js";

const settings = (more: Partial<PulumiSettings> = {}): PulumiSettings => ({
  env: {},
  home: "/home/me",
  berthHome: "/home/me/a b/.berth",
  ...more,
});

test("without settings of the user's, state and passphrase are the checkout's own", () => {
  expect(pulumiEnv(settings())).toMatchObject({
    PULUMI_HOME: "/home/me/a b/.berth/pulumi",
    PULUMI_BACKEND_URL: "file:///home/me/a%20b/.berth/state",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/home/me/a b/.berth/passphrase",
  });
});

test("a backend in the environment wins over all others", () => {
  const env = pulumiEnv(
    settings({ env: { PULUMI_BACKEND_URL: "s3://mine" }, projectBackend: "s3://b", loginBackend: "s3://c" }),
  );
  expect(env["PULUMI_BACKEND_URL"]).toBe("s3://mine");
});

test.each([
  ["Pulumi.yaml", { projectBackend: "s3://project" }],
  ["a login", { loginBackend: "https://api.pulumi.com" }],
  ["an access token", { env: { PULUMI_ACCESS_TOKEN: "pul-0" } }],
])("where %s chooses the backend, it is left to the engine, with the user's credentials", (_, more) => {
  const env = pulumiEnv(settings(more));
  expect(env).not.toHaveProperty("PULUMI_BACKEND_URL");
  expect(env["PULUMI_CREDENTIALS_PATH"]).toBe("/home/me/.pulumi");
  expect(JSON.stringify(env)).not.toContain("pul-0");
});

test("credentials are where the user keeps them", () => {
  const path = (env: NodeJS.ProcessEnv) =>
    pulumiEnv(settings({ env, loginBackend: "s3://c" }))["PULUMI_CREDENTIALS_PATH"];
  expect(path({ PULUMI_HOME: "/opt/p" })).toBe("/opt/p");
  expect(path({ PULUMI_HOME: "/opt/p", PULUMI_CREDENTIALS_PATH: "/opt/c" })).toBe("/opt/c");
});

test("a passphrase of the user's wins, and is never among the variables, even an empty one", () => {
  for (const phrase of ["secret", ""]) {
    const env = pulumiEnv(settings({ env: { PULUMI_CONFIG_PASSPHRASE: phrase } }));
    expect(Object.keys(env).filter((name) => name.includes("PASSPHRASE"))).toEqual([]);
  }
  const env = pulumiEnv(settings({ env: { PULUMI_CONFIG_PASSPHRASE_FILE: "/etc/mine" } }));
  expect(env["PULUMI_CONFIG_PASSPHRASE_FILE"]).toBe("/etc/mine");
});
