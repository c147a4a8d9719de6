import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HaproxyModel, haproxyModel, renderHaproxy } from "../../../components/haproxy/index.js";
import { place } from "../../../components/placement/index.js";
import { ensurePackages } from "../../../toolchain/apt.js";
import { backend, everything, nastyText, plainModel } from "../../unit/haproxy/models.js";
import { stackTopology } from "../../unit/topology/stackFile.js";

/** HAProxy itself, of the Debian release that the lab's images are made of, judges what the model is rendered to. */
const folder = mkdtempSync(join(tmpdir(), "berth-haproxy-"));

beforeAll(() => ensurePackages(["haproxy"], console.log));
afterAll(() => rmSync(folder, { recursive: true }));

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

test.each(["roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random"])(
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
          { ...backend, check: { method: "GET", path: `/${path}`, host, status: 200, timeoutMs: 1000 } },
        ],
      };
      expect(verdict(renderHaproxy(model))).toBe(valid);
    }),
    { numRuns: 100 },
  );
});
