// @ts-check
// Keeps the engine from editing the stacks' committed configuration: at each run it writes the passphrase's salt
// into it, in its own layout. The state has the salt too, and suffices (PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER).
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

/**
 * The configuration files of the stacks of the project that a folder is in.
 * @param {string} folder
 * @returns {{ folder: string, texts: Map<string, string> }} text of each file, by its path
 */
export function readStackFiles(folder) {
  const configDir = stackConfigDir(resolve(folder));
  /** @type {Map<string, string>} */
  const texts = new Map();
  if (configDir !== undefined && existsSync(configDir)) {
    for (const name of readdirSync(configDir)) {
      if (/^Pulumi\..+\.ya?ml$/.test(name)) {
        const path = join(configDir, name);
        texts.set(path, readFileSync(path, "utf8"));
      }
    }
  }
  return { folder, texts };
}

/**
 * Puts files back whose content has changed in nothing but layout and an added salt; removes new ones that hold
 * nothing else. What the user has changed through the engine, `pulumi config set`, stays as the engine wrote it.
 * @param {ReturnType<typeof readStackFiles>} before
 */
export function restoreStackFiles(before) {
  for (const [path, now] of readStackFiles(before.folder).texts) {
    const earlier = before.texts.get(path);
    if (now === earlier || meaning(now) !== meaning(earlier ?? "")) {
      continue;
    }
    // The salt that was there was another run's, which has taken it back meanwhile.
    if (earlier !== undefined && hasSalt(earlier) && !hasSalt(now)) {
      continue;
    }
    if (earlier === undefined) {
      rmSync(path);
    } else {
      writeFileSync(path, earlier);
    }
  }
}

/** @param {string} folder */
function stackConfigDir(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const project = join(at, "Pulumi.yaml");
    if (existsSync(project)) {
      return resolve(at, parse(readFileSync(project, "utf8"))?.stackConfigDir ?? ".");
    }
    if (at === dirname(at)) {
      return undefined;
    }
  }
}

/** @param {string} text */
function hasSalt(text) {
  return parse(text)?.encryptionsalt !== undefined;
}

/**
 * What a configuration says, without its salt. The engine takes scalars as text: 3 is "3".
 * @param {string} text
 */
function meaning(text) {
  const { encryptionsalt: _, ...rest } = parse(text) ?? {};
  return JSON.stringify(rest, (_key, value) => {
    if (value === null || typeof value !== "object") {
      return String(value);
    }
    return Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).sort());
  });
}
