import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { Release } from "@berth/sdk";
import { parse, parseDocument } from "yaml";
import { editStackFile } from "./editStackFile.js";
import { readTopology } from "./placementInput.js";
import type { Project } from "./project.js";
import { pulumiOutput } from "./pulumi.js";
import { say, UserError } from "./say.js";
import { setup } from "./setup.js";
import { configFileOf } from "./stack.js";
import { imagesOf, type StackOptions, update } from "./up.js";

/** An update as the engine remembers it. */
export interface PastUpdate {
  readonly kind: string;
  readonly result: string;
  /** When it ended, in ISO 8601, without fractions of a second. */
  readonly endTime?: string;
  readonly config?: Readonly<Record<string, { readonly objectValue?: unknown }>>;
}

/** A service's settings, with the content of its image where the stack builds that. */
export type Recipe = Readonly<Record<string, unknown>>;

interface StateResource {
  readonly type: string;
  readonly urn: string;
  readonly outputs?: { readonly releases?: readonly Release[] };
}

/** How many updates are looked through. */
const depth = 100;

/**
 * Gives a service what it ran before: the settings, in the stack's file, and the very image, by digest. An update brings them
 * about, which goes as every rollout does.
 */
export async function rollback(project: Project, service: string, options: StackOptions): Promise<void> {
  const file = configFileOf(project, options);
  readTopology(project, options);
  const config = (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> }).config ?? {};
  const own = settingsOf(service, config);
  if (own === undefined) {
    throw new UserError(`stack "${options.stack}" has no service "${service}" in ${file}.`);
  }
  const ready = await setup(project, imagesOf(project, options));
  const ask = async (...args: string[]) =>
    JSON.parse(await pulumiOutput(project, ready, ["stack", ...args, "--stack", options.stack]));
  const history: PastUpdate[] = await ask("history", "--json", "--full-dates", "--page-size", String(depth));
  const found = previous(history, releasesOf(service, (await ask("export")).deployment), service, config);
  if (found === undefined) {
    throw new UserError(
      `service "${service}" has run nothing else in the last ${depth} updates that succeeded, so there is nothing to go back to.`,
    );
  }
  await editStackFile(project, options, (text) => withRecipe(text, service, found.recipe));
  say(`Service "${service}" goes back to what it was at ${found.when}; ${file} says so.`);
  const { image } = own;
  if (typeof image !== "object" && typeof found.recipe["image"] === "object") {
    const again = image === undefined ? `has no "image"` : `has "image: ${image}"`;
    say(`It stays with that very image until the file ${again} again, for what is built next.`);
  }
  await update(project, ready, options);
}

/** What a service has run, the newest first, by the stack's state. */
export function releasesOf(
  service: string,
  { resources = [] }: { readonly resources?: readonly StateResource[] },
): readonly Release[] {
  const found = resources.find(
    ({ type, urn }) => type === "berth:index:ReleaseHistory" && urn.endsWith(`::${service}`),
  );
  return found?.outputs?.releases ?? [];
}

/**
 * What the last update that succeeded with something else has left: other settings than the file's, or another image. After an
 * update that failed, the file's image may be what failed, and what runs is something else.
 *
 * @param config the stack's file: `berth:services` and the others
 */
export function previous(
  history: readonly PastUpdate[],
  releases: readonly Release[],
  service: string,
  config: Readonly<Record<string, unknown>>,
): { readonly recipe: Recipe; readonly when: string } | undefined {
  const failed = history.find(({ kind }) => kind === "update")?.result !== "succeeded";
  const present = recipeOf(service, config, failed ? undefined : releases[0]?.image);
  for (const { kind, result, endTime, config: values = {} } of history) {
    if (kind !== "update" || result !== "succeeded" || endTime === undefined) continue;
    const then = Object.fromEntries(Object.entries(values).map(([key, one]) => [key, one.objectValue]));
    const recipe = recipeOf(service, then, imageAt(releases, endTime));
    if (recipe !== undefined && !isDeepStrictEqual(recipe, present)) return { recipe, when: endTime };
  }
  return undefined;
}

function imageAt(releases: readonly Release[], time: string): string | undefined {
  // The time of an update's end is cut off to seconds.
  const end = Date.parse(time) + 999;
  return releases.find(({ since }) => Date.parse(since) <= end)?.image;
}

/**
 * None where there is no such service, or where it runs what the stack builds and that is not known.
 *
 * @param image reference by digest of what the stack builds for the service
 */
export function recipeOf(
  service: string,
  config: Readonly<Record<string, unknown>>,
  image: string | undefined,
): Recipe | undefined {
  const own = settingsOf(service, config);
  // A machine's image is no container's; and a name, or none where there is one only, is what the stack builds.
  if (own === undefined || own["runsAs"] === "machine" || typeof own["image"] === "object") return own;
  return image === undefined ? undefined : { ...own, image: { ref: image } };
}

function settingsOf(
  service: string,
  config: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const services = (config["berth:services"] ?? {}) as Record<string, Record<string, unknown> | null>;
  return Object.hasOwn(services, service) ? (services[service] ?? {}) : undefined;
}

/** The text of a stack's file with a service made from this; its comments and its order stay, but for those within what changes. */
export function withRecipe(text: string, service: string, recipe: Recipe): string {
  const document = parseDocument(text);
  const { config } = document.toJS() as { config: Record<string, Record<string, unknown>> };
  const present = config["berth:services"]?.[service];
  if (isDeepStrictEqual(present, recipe)) return text;
  // In the order in which they are there; the engine remembers none.
  const order = Object.keys((present ?? {}) as object).filter((key) => key in recipe);
  const ordered = { ...Object.fromEntries(order.map((key) => [key, recipe[key]])), ...recipe };
  document.setIn(["config", "berth:services", service], document.createNode(ordered, { flow: true }));
  return document.toString({ lineWidth: 0 });
}
