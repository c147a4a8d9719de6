import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
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
  /** When it ended, for people. */
  readonly endTime?: string;
  readonly config?: Readonly<Record<string, { readonly objectValue?: unknown }>>;
}

/** What a service is made from: its own settings, and those of the image that is built for it. */
export interface Recipe {
  readonly service: unknown;
  /** The image's name and settings; none: it isn't built here. */
  readonly image?: { readonly name: string; readonly settings: unknown };
}

/** How many updates are looked through. */
const depth = 100;

/**
 * Gives a service the settings that it had in the last update that succeeded with other ones, in the stack's file, and brings
 * them about with an update, which goes as every rollout does.
 */
export async function rollback(project: Project, service: string, options: StackOptions): Promise<void> {
  const file = configFileOf(project, options);
  readTopology(project, options);
  const before = readFileSync(file, "utf8");
  const present = recipeOf(service, (parse(before) as { config?: Record<string, unknown> }).config ?? {});
  if (present === undefined) {
    throw new UserError(`stack "${options.stack}" has no service "${service}" in ${file}.`);
  }
  const ready = await setup(project, imagesOf(project, options));
  const history = await pulumiOutput(project, ready, [
    ...["stack", "history", "--json", "--full-dates", "--page-size", String(depth)],
    ...["--stack", options.stack],
  ]);
  const found = previous(JSON.parse(history) as PastUpdate[], service, present);
  if (found === undefined) {
    throw new UserError(
      `service "${service}" has had no other settings in the last ${depth} updates that succeeded. ` +
        "What is in its image is not among them: build the earlier content, and update.",
    );
  }
  await editStackFile(project, options, (text) => withRecipe(text, service, found.recipe));
  say(
    `Service "${service}" goes back to what it was${found.when === undefined ? "" : ` at ${found.when}`}; ${file} says so.`,
  );
  await update(project, ready, options);
}

/** The settings of a service in the last update that succeeded with other ones than these. */
export function previous(
  history: readonly PastUpdate[],
  service: string,
  present: Recipe,
): { readonly recipe: Recipe; readonly when?: string } | undefined {
  for (const { kind, result, endTime, config = {} } of history) {
    if (kind !== "update" || result !== "succeeded") continue;
    const values = Object.fromEntries(Object.entries(config).map(([key, one]) => [key, one.objectValue]));
    const recipe = recipeOf(service, values);
    if (recipe !== undefined && !isDeepStrictEqual(recipe, present)) {
      return { recipe, ...(endTime !== undefined && { when: endTime }) };
    }
  }
  return undefined;
}

/** @param config the stack's configuration: `berth:services` and the others */
export function recipeOf(service: string, config: Readonly<Record<string, unknown>>): Recipe | undefined {
  const section = (name: string) => (config[`berth:${name}`] ?? {}) as Record<string, unknown>;
  const services = section("services");
  if (!Object.hasOwn(services, service)) return undefined;
  const own = services[service] ?? {};
  const { image } = own as { image?: unknown };
  const images = section("containerImages");
  return {
    service: own,
    ...(typeof image === "string" &&
      Object.hasOwn(images, image) && { image: { name: image, settings: images[image] ?? {} } }),
  };
}

/** The text of a stack's file with a service made from this; its comments and its order stay, but for those within what changes. */
export function withRecipe(text: string, service: string, { service: own, image }: Recipe): string {
  const document = parseDocument(text);
  const { config } = document.toJS() as { config: Record<string, Record<string, unknown> | undefined> };
  const put = (section: string, name: string, value: unknown) => {
    if (isDeepStrictEqual(config[section]?.[name], value)) return;
    document.setIn(["config", section, name], document.createNode(value, { flow: true }));
  };
  put("berth:services", service, own);
  if (image !== undefined) put("berth:containerImages", image.name, image.settings);
  return document.toString({ lineWidth: 0 });
}
