type Config = Readonly<Record<string, unknown>>;

/**
 * Cloud-config of Berth's with a user's merged into it:
 * - maps are merged key by key, all the way down;
 * - lists are joined, Berth's first, so that the user's commands, files and packages all stay;
 * - of two other values the user's wins.
 */
export function mergeCloudConfig(own: Config, users: Config): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...own };
  for (const [key, value] of Object.entries(users)) {
    merged[key] = Object.hasOwn(own, key) ? mergeValue(own[key], value) : value;
  }
  return merged;
}

function mergeValue(own: unknown, users: unknown): unknown {
  if (Array.isArray(own) && Array.isArray(users)) return [...own, ...users];
  return isMap(own) && isMap(users) ? mergeCloudConfig(own, users) : users;
}

function isMap(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
