import { labelList } from "../../plain.js";
import type { ArgumentTable, ContainerInputs } from "../types.js";
import { orNothing } from "../units.js";
import { hostField, map, offByDefault } from "./builders.js";

type Volume = NonNullable<ContainerInputs["volumes"]>[number];
type Mount = NonNullable<ContainerInputs["mounts"]>[number];

/** What it stores and where. */
export const storageArguments: ArgumentTable<"volumes" | "mounts" | "tmpfs" | "uploads" | "readOnly"> = {
  volumes: {
    api: "HostConfig.Binds, HostConfig.VolumesFrom, Volumes",
    effect: "replace",
    unordered: true,
    canonical: (volumes) =>
      (volumes ?? []).map((volume) => ({ ...volume, readOnly: volume.readOnly ?? false })),
    write: (volumes, body) => {
      const bound = volumes.filter((volume) => volume.hostPath || volume.volumeName);
      const from = volumes.filter((volume) => volume.fromContainer);
      const anonymous = volumes.filter((v) => !v.hostPath && !v.volumeName && !v.fromContainer);
      if (bound.length > 0) body.HostConfig.Binds = bound.map(bind);
      if (from.length > 0) {
        body.HostConfig.VolumesFrom = from.map((v) => `${v.fromContainer}${v.readOnly ? ":ro" : ""}`);
      }
      if (anonymous.length > 0) {
        body.Volumes = Object.fromEntries(anonymous.map((volume) => [volume.containerPath, {}]));
      }
    },
    read: (live) => {
      const binds = ((live.HostConfig.Binds ?? []) as string[]).map(unbind);
      const from = ((live.HostConfig.VolumesFrom ?? []) as string[]).map((text) => {
        const [fromContainer = "", mode] = text.split(":");
        return { fromContainer, ...(mode === "ro" && { readOnly: true }) };
      });
      return orNothing([...binds, ...from]);
    },
  },
  mounts: {
    api: "HostConfig.Mounts",
    effect: "replace",
    unordered: true,
    canonical: (mounts) => (mounts ?? []).map((mount) => ({ ...mount, readOnly: mount.readOnly ?? false })),
    write: (mounts, body) => {
      body.HostConfig.Mounts = mounts.map(toMount) as NonNullable<typeof body.HostConfig.Mounts>;
    },
    read: (live) => orNothing(((live.HostConfig.Mounts ?? []) as unknown as EngineMount[]).map(fromMount)),
  },
  tmpfs: hostField("Tmpfs", map),
  uploads: {
    // Docker does not know afterwards which files came this way.
    api: "PUT /containers/{id}/archive",
    effect: "replace",
    unordered: true,
    canonical: (uploads) =>
      (uploads ?? []).map((upload) => ({ ...upload, executable: upload.executable ?? false })),
  },
  readOnly: hostField("ReadonlyRootfs", offByDefault),
};

function bind({ hostPath, volumeName, containerPath, readOnly, selinuxRelabel }: Volume): string {
  const options = [...(readOnly ? ["ro"] : ["rw"]), ...(selinuxRelabel ? [selinuxRelabel] : [])];
  return `${hostPath || volumeName}:${containerPath}:${options.join(",")}`;
}

function unbind(text: string): Volume {
  const [source = "", containerPath = "", mode = ""] = text.split(":");
  const options = mode.split(",");
  const relabel = options.find((option) => option === "z" || option === "Z");
  return {
    ...(source.startsWith("/") ? { hostPath: source } : { volumeName: source }),
    containerPath,
    ...(options.includes("ro") && { readOnly: true }),
    ...(relabel !== undefined && { selinuxRelabel: relabel }),
  };
}

interface EngineMount {
  Type: string;
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  BindOptions?: { Propagation?: string };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

function toMount({ type, source, target, readOnly, ...options }: Mount): EngineMount {
  const { bindOptions: bound, volumeOptions: volume, tmpfsOptions: tmpfs } = options;
  const driver = volume?.driverName || volume?.driverOptions;
  return {
    Type: type,
    Target: target,
    ...(source && { Source: source }),
    ...(readOnly && { ReadOnly: true }),
    ...(bound && { BindOptions: { ...(bound.propagation && { Propagation: bound.propagation }) } }),
    ...(volume && {
      VolumeOptions: {
        ...(volume.noCopy && { NoCopy: true }),
        ...(volume.subpath && { Subpath: volume.subpath }),
        ...(volume.labels && {
          Labels: Object.fromEntries(volume.labels.map(({ label, value }) => [label, value])),
        }),
        ...(driver && {
          DriverConfig: { Name: volume.driverName || "local", Options: volume.driverOptions ?? {} },
        }),
      },
    }),
    ...(tmpfs && {
      TmpfsOptions: {
        ...(tmpfs.sizeBytes && { SizeBytes: tmpfs.sizeBytes }),
        ...(tmpfs.mode && { Mode: tmpfs.mode }),
      },
    }),
  };
}

function fromMount(mount: EngineMount): Mount {
  const { BindOptions: bound, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
  return {
    type: mount.Type,
    target: mount.Target,
    ...(mount.Source && { source: mount.Source }),
    ...(mount.ReadOnly && { readOnly: true }),
    ...(bound && { bindOptions: { ...(bound.Propagation && { propagation: bound.Propagation }) } }),
    ...(volume && {
      volumeOptions: {
        ...(volume.NoCopy && { noCopy: true }),
        ...(volume.Subpath && { subpath: volume.Subpath }),
        ...(volume.Labels && { labels: labelList(volume.Labels) }),
        ...(volume.DriverConfig?.Name && { driverName: volume.DriverConfig.Name }),
        ...(volume.DriverConfig?.Options && { driverOptions: volume.DriverConfig.Options }),
      },
    }),
    ...(tmpfs && {
      tmpfsOptions: {
        ...(tmpfs.SizeBytes && { sizeBytes: tmpfs.SizeBytes }),
        ...(tmpfs.Mode && { mode: tmpfs.Mode }),
      },
    }),
  };
}
