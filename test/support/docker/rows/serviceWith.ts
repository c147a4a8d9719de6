import type {
  ContainerSpec,
  ServiceInputs,
  TaskSpec,
} from "../../../../providers/docker/swarm/service/types.js";

/** Members of a service's arguments and of its task's, in one object. */
export type ServiceMembers = Omit<Partial<ServiceInputs>, "taskSpec"> & Partial<TaskSpec>;

const ofService = [
  "auth",
  "convergeConfig",
  "endpointSpec",
  "labels",
  "mode",
  "name",
  "rollbackConfig",
  "updateConfig",
];

/** A service of sleeping containers, with these members. */
export function serviceWith(image: string, { containerSpec, ...rest }: ServiceMembers): ServiceInputs {
  const isOfService = ([name]: [string, unknown]) => ofService.includes(name);
  const entries = Object.entries(rest);
  return {
    ...Object.fromEntries(entries.filter(isOfService)),
    taskSpec: {
      containerSpec: {
        image,
        commands: ["sleep", "600"],
        stopGracePeriod: "1s",
        ...containerSpec,
      } as ContainerSpec,
      ...Object.fromEntries(entries.filter((entry) => !isOfService(entry))),
    },
  };
}
