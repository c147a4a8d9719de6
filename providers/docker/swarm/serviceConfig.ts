import type * as docker from "@pulumi/docker";
import { type CheckFailure, isUnknown, type ResourceHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import type { Plain } from "../plain.js";
import {
  checkBase64,
  createFile,
  deleteFile,
  diffFile,
  liveLabels,
  readFile,
  relabelFile,
  standardBase64,
} from "./swarmFile.js";

export type ServiceConfigInputs = Plain<docker.ServiceConfigArgs>;
export type ServiceConfigState = ServiceConfigInputs & { readonly name: string };

/** `docker:index/serviceConfig:ServiceConfig`: a file for services of a swarm. */
export const serviceConfig: ResourceHandler<ServiceConfigInputs, ServiceConfigState, Configuration> = {
  computed: ["name"],
  check: (inputs) => ({ inputs, failures: checkServiceConfig(inputs) }),
  diff: (request) => diffFile(request, ["data", "dataRaw"], content),
  async create(inputs, call) {
    const { ID, Spec } = await createFile("config", inputs, content(inputs), call);
    return { id: ID, state: { ...inputs, name: Spec.Name } };
  },
  async read(id, state, inputs, call) {
    const live = await readFile("config", id, call);
    if (!live) return undefined;
    const before = state && inputs ? inputs : { name: live.Spec.Name, data: live.Spec.Data ?? "" };
    const { labels: _, ...rest } = before;
    const now = { ...rest, ...liveLabels(live, before) };
    return { id: live.ID, inputs: now, state: { ...now, name: live.Spec.Name } };
  },
  async update({ id, state, inputs }, call) {
    await relabelFile("config", id, inputs.labels, call);
    return { ...inputs, name: state.name };
  },
  delete: (id, { name }, call) => deleteFile("config", id, name, call),
};

/** What is in it, as the Engine API takes it. */
function content({ data, dataRaw }: ServiceConfigInputs): string {
  return dataRaw !== undefined ? Buffer.from(dataRaw).toString("base64") : standardBase64(data ?? "");
}

function checkServiceConfig({ data, dataRaw }: ServiceConfigInputs): CheckFailure[] {
  const given = [data, dataRaw].filter((value) => value !== undefined);
  if (given.length === 1) return checkBase64("data", data);
  if (given.some(isUnknown)) return [];
  const reason = "exactly one of data (base64) and dataRaw (text) must be given";
  return [{ property: given.length === 0 ? "data" : "dataRaw", reason }];
}
