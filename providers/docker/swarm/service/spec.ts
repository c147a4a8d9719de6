import type { Call } from "../../../kit/index.js";
import type { Configuration } from "../../configuration.js";
import { ifExists } from "../../engine/engineError.js";
import { labelMap } from "../../plain.js";
import { decode, encode } from "../../shape.js";
import { serviceShape } from "./serviceShape.js";
import type { EngineService, ServiceInputs, ServiceSpec } from "./types.js";

interface Named {
  readonly Spec: { readonly Name: string };
}

/** The service in the words of the Engine API. Names of secrets and configs that are not given are looked up. */
export async function serviceSpec(
  name: string,
  inputs: ServiceInputs,
  call: Call<Configuration>,
): Promise<ServiceSpec> {
  const spec = encode(serviceShape, inputs) as ServiceSpec;
  const container = spec.TaskTemplate["ContainerSpec"];
  const nameAll = (kind: "Secret" | "Config", files: Record<string, unknown>[] | undefined) =>
    Promise.all((files ?? []).map((file) => withName(kind, file, call)));
  const [Secrets, Configs] = await Promise.all([
    nameAll("Secret", container.Secrets),
    nameAll("Config", container.Configs),
  ]);
  const files = { ...(Secrets.length > 0 && { Secrets }), ...(Configs.length > 0 && { Configs }) };
  return {
    Mode: { Replicated: { Replicas: 1 } },
    ...spec,
    Name: name,
    Labels: labelMap(inputs.labels, call.urn),
    TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { ...container, ...files } },
  };
}

async function withName(
  kind: "Secret" | "Config",
  file: Record<string, unknown>,
  { config: { engine }, signal }: Call<Configuration>,
): Promise<Record<string, unknown>> {
  if (file[`${kind}Name`] !== undefined) return file;
  const id = file[`${kind}ID`] as string;
  const path = `/${kind.toLowerCase()}s/${encodeURIComponent(id)}`;
  const found = await ifExists(engine.call<Named>("GET", path, { signal }));
  if (!found) throw new Error(`the swarm has no ${kind.toLowerCase()} "${id}", which the service asks for.`);
  return { ...file, [`${kind}Name`]: found.Spec.Name };
}

/** The inputs that would describe what the engine has; defaults are left out. */
export function describedBy({ Spec }: EngineService): Omit<ServiceInputs, "auth" | "convergeConfig"> {
  return { name: Spec.Name, ...decode(serviceShape, Spec) } as ServiceInputs;
}
