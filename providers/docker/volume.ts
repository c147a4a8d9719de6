import type * as docker from "@pulumi/docker";
import {
  type Call,
  type CheckFailure,
  differences,
  formatPath,
  poll,
  type ResourceHandler,
} from "../kit/index.js";
import { autoName } from "./autoName.js";
import {
  canonicalCluster,
  checkCluster,
  clusterInputs,
  clusterSpec,
  clusterVolumesSince,
  type EngineClusterVolume,
} from "./clusterVolume.js";
import type { Configuration } from "./configuration.js";
import { createNamed, replacesUnfinished } from "./createNamed.js";
import { EngineError, ifExists, isConflict } from "./engine/engineError.js";
import { labelList, labelMap, type Plain, urnLabel } from "./plain.js";

export type VolumeInputs = Plain<docker.VolumeArgs>;
export type VolumeState = Record<string, unknown> & { readonly name: string };

interface EngineVolume {
  readonly ClusterVolume?: EngineClusterVolume | null;
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint?: string;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/**
 * `docker:index/volume:Volume`. But for the availability of one of the swarm, Docker can change nothing of a volume: every
 * change replaces it, and its data go.
 */
export const volume: ResourceHandler<VolumeInputs, VolumeState, Configuration> = {
  computed: ["name", "driver", "mountpoint"],
  check: (inputs) => ({ inputs, failures: checkVolume(inputs) }),
  diff({ state, oldInputs, inputs }) {
    const unfinished = replacesUnfinished(state);
    if (unfinished) return unfinished;
    const [before, after] = [oldInputs, inputs].map((given) => ({
      driver: "local",
      ...given,
      ...(given.cluster && { cluster: canonicalCluster(given.cluster) }),
    }));
    const changes = differences(before, after).map(({ path, kind }) => ({
      path: formatPath(path),
      kind: formatPath(path) === "cluster.availability" ? kind : (`${kind}-replace` as const),
      inputDiff: true,
    }));
    return { changes, deleteBeforeReplace: oldInputs.name !== undefined && oldInputs.name === inputs.name };
  },
  async create(inputs, call) {
    const { config, signal, urn } = call;
    const { engine } = config;
    const name = inputs.name ?? autoName(urn);
    const path = `/volumes/${encodeURIComponent(name)}`;
    // Docker would hand out an existing volume as if it were new, and a destroy would take its data.
    const taken = await ifExists(engine.call<EngineVolume>("GET", path, { signal }));
    if (taken && taken.Labels?.[urnLabel] !== urn) {
      throw new EngineError(
        409,
        `the volume "${name}" exists and was not created for this resource. Choose another name, or adopt it with its ` +
          `data: pulumi import docker:index/volume:Volume NAME ${name}`,
      );
    }
    const { driver, driverOpts, labels, cluster } = inputs;
    if (cluster && (await engine.apiMinor(signal)) < clusterVolumesSince) {
      throw new Error(
        `cluster: volumes of the swarm need Docker Engine 23.0 (API 1.${clusterVolumesSince}).`,
      );
    }
    const body = {
      Name: name,
      Driver: driver ?? "local",
      DriverOpts: driverOpts ?? {},
      Labels: labelMap(labels, urn),
      ...(cluster && { ClusterVolumeSpec: clusterSpec(cluster) }),
    };
    const make = () => engine.call<EngineVolume>("POST", "/volumes/create", { signal, body });
    // Only what is not there yet is made: what is there after a failure is empty.
    const remove = (own: Call<Configuration>) =>
      ifExists(engine.call("DELETE", path, { signal: own.signal }));
    const live = taken
      ? await make()
      : await createNamed({ what: "volume", name, inputs, make, remove }, call);
    return { id: live.Name, state: stateOf(live, inputs) };
  },
  async read(id, state, inputs, { config: { engine }, signal }) {
    const live = await ifExists(
      engine.call<EngineVolume>("GET", `/volumes/${encodeURIComponent(id)}`, { signal }),
    );
    if (!live) return undefined;
    if (state && inputs) return { id, inputs, state };
    const imported = importedInputs(live);
    return { id, inputs: imported, state: stateOf(live, imported) };
  },
  async update({ id, state, inputs }, { config: { engine }, signal }) {
    const path = `/volumes/${encodeURIComponent(id)}`;
    const live = await engine.call<EngineVolume>("GET", path, { signal });
    if (live.ClusterVolume && inputs.cluster) {
      const query = { version: live.ClusterVolume.Version.Index };
      // The rest of it must be as it was.
      const Spec = { ...live.ClusterVolume.Spec, Availability: inputs.cluster.availability ?? "active" };
      // By its id in the swarm: the name is not known there.
      await engine.call("PUT", `/volumes/${live.ClusterVolume.ID}`, { signal, query, body: { Spec } });
    }
    return { ...state, ...inputs, name: state.name };
  },
  async delete(id, state, { config: { engine }, signal, status }) {
    const path = `/volumes/${encodeURIComponent(id)}`;
    const look = () => ifExists(engine.call<EngineVolume>("GET", path, { signal }));
    try {
      const cluster = state["cluster"] === undefined ? undefined : (await look())?.ClusterVolume;
      // Where its plugin has made nothing yet, there is nothing that it could remove.
      const force = cluster ? !cluster.Info?.VolumeID : undefined;
      await ifExists(engine.call("DELETE", path, { signal, query: { force } }));
      if (!cluster) return;
      await poll({
        what: `the volume ${id} to be gone from the swarm`,
        signal,
        status,
        every: 500,
        until: async () => (await look()) === undefined,
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw new Error(
        `volume "${id}" is still in use: ${(error as Error).message}. Remove its containers first.`,
        {
          cause: error,
        },
      );
    }
  },
};

function checkVolume({ cluster, driver }: VolumeInputs): CheckFailure[] {
  const failures = checkCluster(cluster);
  if (cluster !== undefined && (driver === undefined || driver === "local")) {
    failures.push({
      property: "driver",
      reason: "a volume of the swarm (cluster) needs a CSI plugin as its driver",
    });
  }
  return failures;
}

function stateOf(live: EngineVolume, inputs: VolumeInputs): VolumeState {
  const { cluster } = inputs;
  return {
    driver: live.Driver,
    mountpoint: live.Mountpoint ?? "",
    ...inputs,
    ...(cluster && live.ClusterVolume && { cluster: { ...cluster, id: live.ClusterVolume.ID } }),
    name: live.Name,
  };
}

function importedInputs(live: EngineVolume): VolumeInputs {
  const labels = labelList(live.Labels);
  return {
    name: live.Name,
    driver: live.Driver,
    ...(live.ClusterVolume && { cluster: clusterInputs(live.ClusterVolume) }),
    ...(Object.keys(live.Options ?? {}).length > 0 && { driverOpts: { ...live.Options } }),
    ...(labels.length > 0 && { labels }),
  };
}
