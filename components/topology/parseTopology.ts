import { balancedServices } from "./balancedServices.js";
import { checkCapacity } from "./checkCapacity.js";
import { checkRollouts } from "./checkRollouts.js";
import { resolveConnections } from "./connections.js";
import { resolveContainerImages } from "./containerImages.js";
import type { TopologyEnvironment } from "./environment.js";
import { resolveHypervisors } from "./hypervisors.js";
import { resolveImages } from "./images.js";
import { Issues, show } from "./issues.js";
import { resolveLoadBalancers } from "./loadBalancers.js";
import { refuseMachineSettings, resolveMachineServices, runsAsMachine } from "./machineServices.js";
import { resolveMachines } from "./machines.js";
import { checkMixed } from "./mixedServices.js";
import { naturalOrder } from "./naturalOrder.js";
import { readSection, unknownKey } from "./readSection.js";
import { checkOwnImages, resolveRegistries } from "./registries.js";
import { placementSchema, schemas } from "./schema.js";
import { checkPulls, resolveServices } from "./services.js";
import { resolveSnapshots } from "./snapshots.js";
import type { PlacementSpec, Topology } from "./topology.js";
import { TopologyError } from "./topologyError.js";

/**
 * Reads a stack's configuration, fills in every default and checks it as a whole.
 *
 * @param config values of the namespace `berth`, by key without it: `machines`, `services`, …
 * @param environment what the surroundings of the program say.
 * @throws TopologyError with every mistake, each with its path, the rule and the fix.
 */
export function parseTopology(
  config: Readonly<Record<string, unknown>>,
  environment: TopologyEnvironment,
): Topology {
  const issues = new Issues();
  const keys = [...Object.keys(schemas), "placement", "secrets"];
  for (const key of Object.keys(config)) {
    if (!keys.includes(key)) issues.add([key], unknownKey(key, keys));
  }
  for (const key of environment.secretKeys ?? []) {
    if (key !== "secrets") issues.add([key], secretElsewhere);
  }
  const secrets = readSecrets(config["secrets"] ?? {}, issues);

  // All of it is read before any is resolved, so that mistakes come in the order of these lines.
  const hypervisorItems = readSection(config, "hypervisors", issues);
  const imageItems = readSection(config, "images", issues);
  const machineItems = readSection(config, "machines", issues);
  const registryItems = readSection(config, "registries", issues);
  const containerImageItems = readSection(config, "containerImages", issues);
  const serviceItems = readSection(config, "services", issues);
  const loadBalancerItems = readSection(config, "loadBalancers", issues);
  const snapshotItems = readSection(config, "snapshots", issues);

  const hypervisors = resolveHypervisors(hypervisorItems, environment, issues);
  const images = resolveImages(imageItems, issues);
  const machines = resolveMachines(machineItems, environment.stack, hypervisors, images, issues);
  const registries = resolveRegistries(
    registryItems,
    containerImageItems,
    loadBalancerItems,
    hypervisors,
    issues,
  );
  const containerImages = resolveContainerImages(containerImageItems, hypervisors, registries, issues);
  checkOwnImages(registries, containerImages, issues);
  const containerItems = serviceItems.filter((item) => !runsAsMachine(item));
  const names = serviceItems.map(({ name }) => name);
  refuseMachineSettings(containerItems, issues);
  const services = resolveServices(containerItems, names, containerImages, machines, secrets, issues);
  const machineServices = resolveMachineServices(
    serviceItems.filter(runsAsMachine),
    names,
    images,
    hypervisors,
    machines,
    issues,
  );
  checkMixed(services, machineServices, issues);
  const balanced = balancedServices({ services, machineServices });
  const registryHypervisors = new Map(registries.map((one) => [one.name, one.hypervisor]));
  checkPulls(services, containerImages, machines, registryHypervisors, issues);
  checkCapacity(services, machines, issues);
  const loadBalancers = resolveLoadBalancers(
    loadBalancerItems,
    { hypervisors, machines, containerImages, services: balanced, registries, secrets },
    issues,
  );
  const snapshots = resolveSnapshots(snapshotItems, machines, issues);

  checkRollouts(services, loadBalancers, issues);
  const connected = resolveConnections(
    serviceItems,
    services,
    { loadBalancers, hypervisors, machines },
    issues,
  );
  const placement = readPlacement(config["placement"] ?? {}, issues);

  if (issues.list.length > 0) throw new TopologyError(issues.list);
  return {
    stack: environment.stack,
    hypervisors,
    images,
    machines,
    registries,
    containerImages,
    services: connected,
    machineServices,
    loadBalancers,
    snapshots,
    placement,
    secrets,
  };
}

const secretElsewhere =
  'holds an encrypted value, which would be plain text from here on; move it to berth:secrets and name it in "secrets" of the service.';

function readPlacement(content: unknown, issues: Issues): PlacementSpec {
  const read = placementSchema.safeParse(content);
  for (const issue of read.error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) issues.add(["placement", key], unknownKey(key, ["prefer"]));
    } else {
      issues.add(["placement", ...(issue.path as string[])], issue.message);
    }
  }
  return { prefer: read.data?.prefer ?? "balance" };
}

/** Names only: the values never come near an error message or the topology. */
function readSecrets(content: unknown, issues: Issues): string[] {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    issues.add(["secrets"], "is not a map from names to encrypted values.");
    return [];
  }
  for (const [name, value] of Object.entries(content)) {
    if (!/^[A-Za-z][\w-]*$/.test(name)) {
      issues.add(["secrets", name], `${show(name)} is not a secret's name; use letters, digits and hyphens.`);
    } else if (typeof value !== "string") {
      issues.add(["secrets", name], "is not text; set it with pulumi config set --secret.");
    }
  }
  return Object.keys(content).sort(naturalOrder);
}
