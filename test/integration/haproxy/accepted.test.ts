import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type HaproxyModel,
  haproxyModel,
  renderHaproxy,
  secretFiles,
} from "../../../components/haproxy/index.js";
import { place } from "../../../components/placement/index.js";
import { parseTopology, type Topology, TopologyError } from "../../../components/topology/index.js";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";
import { ensurePackages } from "../../../toolchain/apt.js";
import { backend, everything, nastyText, plainModel } from "../../unit/haproxy/models.js";
import { balancedConfigurations, everyCertificate } from "../../unit/topology/configurations.js";
import { stackTopology } from "../../unit/topology/stackFile.js";

/** HAProxy itself, of the Debian release that the lab's images are made of, judges what the model is rendered to. */
const folder = mkdtempSync(join(tmpdir(), "berth-haproxy-"));

beforeAll(() => ensurePackages(["haproxy"], console.log));
afterAll(() => rmSync(folder, { recursive: true }));

/** Any name that a configuration gives a secret file leads to one. */
const secrets = join(folder, "secret");
beforeAll(async () => {
  mkdirSync(secrets);
  const { state } = await issueCertificate(
    { commonName: "shop.example", dnsNames: ["shop.example"], ipAddresses: [], validityDays: 1 },
    new Date(),
  );
  const pem = `${state.certificate.trim()}\n${state.privateKey.trim()}\n`;
  const issued = secretFiles(topologyOf(everyCertificate)!.loadBalancers[0]!);
  for (const { file } of issued) writeFileSync(join(secrets, file), pem);
});

/** The topology of a right configuration. */
function topologyOf(config: Record<string, unknown>): Topology | undefined {
  try {
    return parseTopology(config, { stack: "dev" });
  } catch (error) {
    if (error instanceof TopologyError) return undefined;
    throw error;
  }
}

/** What HAProxy says of a configuration: nothing but that it is valid, where all is well. */
function verdict(text: string): string {
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, text);
  const { status, stdout, stderr, error } = spawnSync("/usr/sbin/haproxy", ["-c", "-f", file], {
    encoding: "utf8",
    timeout: 30_000,
  });
  if (error) throw error;
  return `${status} ${`${stdout}${stderr}`.trim()}`;
}

const valid = "0 Configuration file is valid";

test.each(["dev", "ha"])("the configuration of stack %s, without a warning", (stack) => {
  const topology = stackTopology(stack);
  const placement = place(topology);
  for (const balancer of topology.loadBalancers) {
    expect(verdict(renderHaproxy(haproxyModel(balancer, topology, placement)))).toBe(valid);
  }
});

test.each(["roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random", "hdr(x-user)"])(
  "the algorithm %s that a topology may name",
  (balance) => {
    expect(verdict(renderHaproxy({ ...plainModel, backends: [{ ...backend, balance: [balance] }] }))).toBe(
      valid,
    );
  },
);

test("a model with something of everything, without a warning", () => {
  expect(verdict(renderHaproxy(everything))).toBe(valid);
});

test.each(["http", "tcp"])("lines of JSON, in mode %s", (mode) => {
  const topology = topologyOf({
    images: { debian: { manifest: "image.json" } },
    containerImages: { web: { context: "web" } },
    machines: { "web-1": {} },
    services: { web: { image: "web", port: 80 } },
    loadBalancers: {
      public: { frontends: { one: { port: 8001, mode, service: "web" } }, log: { format: "json" } },
    },
  })!;
  const text = renderHaproxy(haproxyModel(topology.loadBalancers[0]!, topology, place(topology)));
  expect(text).toContain("log-format");
  expect(verdict(text)).toBe(valid);
});

test("whatever a topology may say, without a warning", () => {
  let seen = 0;
  fc.assert(
    fc.property(balancedConfigurations, (config) => {
      const topology = topologyOf(config);
      fc.pre(topology !== undefined);
      seen++;
      const text = renderHaproxy(haproxyModel(topology.loadBalancers[0]!, topology, place(topology)));
      expect(verdict(text.replaceAll("/etc/haproxy/secret/", `${secrets}/`))).toBe(valid);
    }),
    { numRuns: 60 },
  );
  expect(seen).toBeGreaterThan(20);
});

test("what is wrong is seen: an algorithm that there is not", () => {
  const model = { ...plainModel, backends: [{ ...backend, balance: ["fairly"] }] };
  expect(verdict(renderHaproxy(model))).toMatch(/^1 .*balance only supports/s);
});

test("any text where HAProxy takes any text", () => {
  const text = nastyText.map((one) => one.replace(/\p{Cc}/gu, "")).filter((one) => one !== "");
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 70 }), text, text, (values, path, host) => {
      const model: HaproxyModel = {
        ...plainModel,
        global: { ...plainModel.global, chroot: `/${path}` },
        frontends: [{ ...plainModel.frontends[0]!, acls: [{ name: "any", criterion: ["path"], values }] }],
        backends: [
          {
            ...backend,
            check: { method: "GET", path: `/${path}`, host, status: 200, timeoutMs: 1000 },
            requestRules: [{ do: "setHeader", header: "X-Any", value: host }],
          },
        ],
      };
      expect(verdict(renderHaproxy(model))).toBe(valid);
    }),
    { numRuns: 100 },
  );
});
