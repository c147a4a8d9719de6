import type * as docker from "@pulumi/docker";
import { type CheckFailure, differences, formatPath, type ResourceHandler } from "../kit/index.js";
import { autoName } from "./autoName.js";
import type { Configuration } from "./configuration.js";
import { EngineError, ifExists, isConflict } from "./engine/engineError.js";
import { labelList, labelMap, type Plain, urnLabel } from "./plain.js";

export type VolumeInputs = Plain<docker.VolumeArgs>;
export type VolumeState = Record<string, unknown> & { readonly name: string };

interface EngineVolume {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** `docker:index/volume:Volume`. Docker can change nothing of a volume: every change replaces it, and its data go. */
export const volume: ResourceHandler<VolumeInputs, VolumeState, Configuration> = {
  computed: ["name", "driver", "mountpoint"],
  check: (inputs) => ({ inputs, failures: checkVolume(inputs) }),
  diff({ oldInputs, inputs }) {
    const [before, after] = [oldInputs, inputs].map((given) => ({ driver: "local", ...given }));
    const changes = differences(before, after).map(({ path, kind }) => ({
      path: formatPath(path),
      kind: `${kind}-replace` as const,
      inputDiff: true,
    }));
    return { changes, deleteBeforeReplace: oldInputs.name !== undefined && oldInputs.name === inputs.name };
  },
  async create(inputs, { config: { engine }, signal, urn }) {
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
    const { driver, driverOpts, labels } = inputs;
    const body = {
      Name: name,
      Driver: driver ?? "local",
      DriverOpts: driverOpts ?? {},
      Labels: labelMap(labels, urn),
    };
    const live = await engine.call<EngineVolume>("POST", "/volumes/create", { signal, body });
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
  async delete(id, _state, { config: { engine }, signal }) {
    try {
      await ifExists(engine.call("DELETE", `/volumes/${encodeURIComponent(id)}`, { signal }));
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

function checkVolume({ cluster }: VolumeInputs): CheckFailure[] {
  if (cluster === undefined) return [];
  return [
    { property: "cluster", reason: "cluster volumes need Docker Swarm, which this plugin does not cover" },
  ];
}

function stateOf(live: EngineVolume, inputs: VolumeInputs): VolumeState {
  return { driver: live.Driver, mountpoint: live.Mountpoint, ...inputs, name: live.Name };
}

function importedInputs(live: EngineVolume): VolumeInputs {
  const labels = labelList(live.Labels);
  return {
    name: live.Name,
    driver: live.Driver,
    ...(Object.keys(live.Options ?? {}).length > 0 && { driverOpts: { ...live.Options } }),
    ...(labels.length > 0 && { labels }),
  };
}
