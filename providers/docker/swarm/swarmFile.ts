import {
  type Call,
  type CheckFailure,
  type DiffRequest,
  type DiffResult,
  formatPath,
  isUnknown,
} from "../../kit/index.js";
import { autoName } from "../autoName.js";
import type { Configuration } from "../configuration.js";
import { createNamed, replacesUnfinished } from "../createNamed.js";
import { EngineError, ifExists } from "../engine/engineError.js";
import { listChanges } from "../listChanges.js";
import { type Label, labelList, labelMap, urnLabel } from "../plain.js";

/** What secrets and configs have in common: a name, labels, and content that never changes. */
export interface FileInputs {
  name?: string | undefined;
  labels?: Label[] | undefined;
}

export interface EngineFile {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Name: string;
    readonly Labels?: Record<string, string> | null;
    readonly Data?: string;
  };
}

type Kind = "secret" | "config";
type CallHere = Call<Configuration>;

const configToken = "docker:index/serviceConfig:ServiceConfig";
const updateTries = 5;

export async function createFile(
  kind: Kind,
  inputs: FileInputs,
  data: string,
  call: CallHere,
): Promise<EngineFile> {
  const { engine } = call.config;
  const { signal } = call;
  const name = inputs.name ?? autoName(call.urn);
  await freeName(kind, name, call);
  const body = { Name: name, Labels: labelMap(inputs.labels, call.urn), Data: data };
  const make = async () => {
    const { ID } = await engine.call<{ ID: string }>("POST", `/${kind}s/create`, { signal, body });
    return engine.call<EngineFile>("GET", `/${kind}s/${ID}`, { signal });
  };
  const remove = (own: CallHere) => freeName(kind, name, own);
  return createNamed({ what: kind, name, inputs, make, remove }, call);
}

export function readFile(
  kind: Kind,
  id: string,
  { config: { engine }, signal }: CallHere,
): Promise<EngineFile | undefined> {
  return ifExists(engine.call<EngineFile>("GET", `/${kind}s/${encodeURIComponent(id)}`, { signal }));
}

/** The labels are all that Swarm can change. */
export async function relabelFile(
  kind: Kind,
  id: string,
  labels: Label[] | undefined,
  call: CallHere,
): Promise<void> {
  const { engine } = call.config;
  const { signal } = call;
  for (let tries = 1; ; tries++) {
    const live = await readFile(kind, id, call);
    if (!live) throw new Error(`${kind} ${id} is gone. Run "pulumi up --refresh" to create it anew.`);
    const body = { ...live.Spec, Labels: labelMap(labels, call.urn) };
    try {
      const query = { version: live.Version.Index };
      await engine.call("POST", `/${kind}s/${id}/update`, { signal, query, body });
      return;
    } catch (error) {
      if (tries === updateTries || !(error as Error).message.includes("out of sequence")) throw error;
    }
  }
}

export async function deleteFile(
  kind: Kind,
  id: string,
  name: string,
  { config: { engine }, signal }: CallHere,
): Promise<void> {
  try {
    await ifExists(engine.call("DELETE", `/${kind}s/${encodeURIComponent(id)}`, { signal }));
  } catch (error) {
    if (!/in use by/.test((error as Error).message)) throw error;
    throw new Error(
      `${kind} "${name}" is still in use: ${(error as Error).message}. Remove it from its services first; a ${kind} without ` +
        `a "name" of its own is replaced beside the old one, and the services are changed over in between.`,
      { cause: error },
    );
  }
}

/** The labels as they are; the inputs' own list where that says the same. */
export function liveLabels(live: EngineFile, inputs: FileInputs): Pick<FileInputs, "labels"> {
  const found = labelList(live.Spec.Labels);
  const same = listChanges([], inputs.labels ?? [], found).length === 0;
  if (same) return inputs.labels ? { labels: inputs.labels } : {};
  return { labels: found };
}

/** Labels change in place; another name or content is another object. `content` decodes what the inputs hold. */
export function diffFile<I extends FileInputs>(
  { state, oldInputs, inputs }: DiffRequest<I, any>,
  contentNames: readonly (keyof I & string)[],
  content: (inputs: I) => unknown,
): DiffResult {
  const unfinished = replacesUnfinished(state);
  if (unfinished) return unfinished;
  const labels = Array.isArray(inputs.labels) || inputs.labels === undefined;
  const relabelled = labels
    ? listChanges(["labels"], oldInputs.labels ?? [], inputs.labels ?? [])
    : [{ path: ["labels"], kind: "update" as const }];
  const changes = relabelled.map(({ path, kind }) => ({ path: formatPath(path), kind, inputDiff: true }));
  const replacing = contentNames.filter((name) => oldInputs[name] !== inputs[name]);
  const sameContent =
    !replacing.some((name) => isUnknown(inputs[name])) && content(oldInputs) === content(inputs);
  const names = [
    ...(sameContent ? [] : replacing),
    ...(oldInputs.name === inputs.name ? [] : ["name" as const]),
  ];
  return {
    changes: [
      ...changes,
      ...names.map((path) => ({ path, kind: changeOf(oldInputs[path], inputs[path]), inputDiff: true })),
    ],
    deleteBeforeReplace: oldInputs.name !== undefined && oldInputs.name === inputs.name,
  };
}

function changeOf(before: unknown, after: unknown) {
  if (before === undefined) return "add-replace" as const;
  return after === undefined ? ("delete-replace" as const) : ("update-replace" as const);
}

/** Standard base64, or that of URLs. */
export function checkBase64(property: string, value: unknown): CheckFailure[] {
  if (typeof value !== "string" || isUnknown(value)) return [];
  if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return [];
  return [{ property, reason: 'not base64, as Docker wants it: Buffer.from(text).toString("base64")' }];
}

export function standardBase64(value: string): string {
  return Buffer.from(value, "base64").toString("base64");
}

/** What an interrupted creation of this same resource has left is removed; what is somebody else's stays. */
async function freeName(kind: Kind, name: string, call: CallHere): Promise<void> {
  const holder = await readFile(kind, name, call);
  if (!holder || holder.Spec.Name !== name) return;
  if (holder.Spec.Labels?.[urnLabel] !== call.urn) {
    const adopt = kind === "config" ? `, or adopt it: pulumi import ${configToken} NAME ${holder.ID}` : "";
    throw new EngineError(
      409,
      `the ${kind} name "${name}" is taken by ${holder.ID}, which was not created for this resource. Remove it${adopt}.`,
    );
  }
  call.log("info", `removing ${kind} ${name}, which an interrupted creation has left`);
  await deleteFile(kind, holder.ID, name, call);
}
