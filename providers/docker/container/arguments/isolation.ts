import type { ArgumentTable, ContainerInputs } from "../types.js";
import { orNothing, unless } from "../units.js";
import { hostField, offByDefault, set } from "./builders.js";

type Capabilities = NonNullable<ContainerInputs["capabilities"]>;

/** What keeps it apart from the machine and from other containers. */
export const isolationArguments: ArgumentTable<
  | "capabilities"
  | "securityOpts"
  | "privileged"
  | "groupAdds"
  | "ipcMode"
  | "pidMode"
  | "usernsMode"
  | "cgroupParent"
  | "cgroupnsMode"
> = {
  capabilities: {
    api: "HostConfig.CapAdd, HostConfig.CapDrop",
    effect: "replace",
    canonical: (value) => ({ adds: names(value?.adds), drops: names(value?.drops) }),
    write: ({ adds, drops }, body) => {
      if (adds?.length) body.HostConfig.CapAdd = adds;
      if (drops?.length) body.HostConfig.CapDrop = drops;
    },
    read: (live) => {
      const adds = names(live.HostConfig.CapAdd as string[]);
      const drops = names(live.HostConfig.CapDrop as string[]);
      return orNothing<Capabilities>({
        ...(adds.length > 0 && { adds }),
        ...(drops.length > 0 && { drops }),
      });
    },
  },
  securityOpts: hostField("SecurityOpt", {
    ...set,
    read: ({ HostConfig: { SecurityOpt, Privileged, PidMode, IpcMode } }) => {
      // The engine adds it by itself where the container shares so much with the machine.
      const added = Privileged || PidMode === "host" || IpcMode === "host";
      const options = (SecurityOpt ?? []) as string[];
      return orNothing(options.filter((option) => !(added && option === "label=disable")));
    },
  }),
  privileged: hostField("Privileged", offByDefault),
  groupAdds: hostField("GroupAdd", set),
  ipcMode: hostField("IpcMode", { read: (live) => unless(live.HostConfig.IpcMode, "private") }),
  pidMode: hostField("PidMode"),
  usernsMode: hostField("UsernsMode"),
  cgroupParent: hostField("CgroupParent"),
  // Its default is the engine's and the kernel's, so what is read back does not tell whether it was asked for.
  cgroupnsMode: {
    api: "HostConfig.CgroupnsMode",
    effect: "replace",
    write: (value, body) => {
      body.HostConfig.CgroupnsMode = value;
    },
  },
};

/** `NET_ADMIN` and `CAP_NET_ADMIN` are the same, and their order says nothing. */
function names(list: readonly string[] | null | undefined): string[] {
  return (list ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, "")).sort();
}
