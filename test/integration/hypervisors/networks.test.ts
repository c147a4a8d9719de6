import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import { Libvirt } from "../../../providers/virsh/libvirt.js";
import { EngineProject } from "../../support/engine.js";
import { installedPlugins } from "../../support/findEngine.js";

/** Hypervisors with a network and a pool and nothing else, on one libvirtd. */
const program = `
import { Hypervisor } from "@berth/components";
import { readFileSync } from "node:fs";
const { uri, folder, networks } = JSON.parse(readFileSync("want.json", "utf8"));
for (const [name, network] of Object.entries(networks)) {
  new Hypervisor(name, { uri, accelerator: "qemu", network, pool: { path: folder + "/" + name }, images: {} });
}
`;

const berthHome = mkdtemp(join(tmpdir(), "berth-networks-"));
let lab: Lab;
let project: EngineProject;

beforeAll(async () => {
  lab = await startLab({ berthHome: await berthHome, log: () => {} });
  project = await EngineProject.create({
    program,
    plugins: {},
    env: { PULUMI_HOME: await installedPlugins() },
  });
}, 180_000);
afterAll(async () => {
  await project?.run("destroy", "--yes", "--skip-preview");
  project?.discard();
  await stopLab({ berthHome: await berthHome, log: () => {} });
  await rm(await berthHome, { recursive: true, force: true });
}, 120_000);

const want = async (networks: object) =>
  project.write(
    "want.json",
    JSON.stringify({ uri: lab.libvirtUri, folder: join(lab.stateDir, "pools"), networks }),
  );
const forwards = (name: string) =>
  Libvirt.with(lab.libvirtUri, AbortSignal.timeout(30_000), async (libvirt) => {
    const xml = await libvirt.run(["net-dumpxml", name]);
    return /<forward mode=.(\w+)/.exec(xml)?.[1] ?? "nothing";
  });

test("a network forwards as it is told to, and is found so", async () => {
  const networks = {
    translated: { cidr: "10.90.1.0/24" },
    routed: { cidr: "10.90.2.0/24", mode: "route" },
    sealed: { cidr: "10.90.3.0/24", mode: "isolated" },
  };
  await want(networks);
  await project.up();
  const names = Object.keys(networks);
  expect(await Promise.all(names.map(forwards))).toEqual(["nat", "route", "nothing"]);
  await project.up("--refresh", "--expect-no-changes");

  await want({ ...networks, sealed: { cidr: "10.90.3.0/24" } });
  expect(await project.plan()).toEqual({ replace: ["sealed"] });
  await project.up();
  expect(await forwards("sealed")).toBe("nat");
});
