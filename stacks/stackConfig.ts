import * as pulumi from "@pulumi/pulumi";

/** A stack's configuration in one namespace. */
export interface StackConfig {
  /** By key without the namespace; `secrets` holds its names only. */
  readonly values: Record<string, unknown>;
  /** Keys whose value is encrypted in the stack's file. */
  readonly secretKeys: string[];
  /** The values under `NAMESPACE:secrets`, marked as secrets. */
  readonly secrets: Record<string, pulumi.Output<string>>;
}

/** Reads all of a namespace's configuration, so that a misspelt key is seen too. */
export function stackConfig(namespace: string): StackConfig {
  const values: Record<string, unknown> = {};
  const secretKeys: string[] = [];
  const secrets: Record<string, pulumi.Output<string>> = {};
  // The SDK keeps its own reading of this variable to itself.
  const encrypted = new Set<string>(JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] || "[]"));
  for (const [fullKey, text] of Object.entries(pulumi.runtime.allConfig())) {
    const [space, key] = fullKey.split(":", 2);
    if (space !== namespace || key === undefined) continue;
    const value = parse(text);
    if (encrypted.has(fullKey)) secretKeys.push(key);
    if (key === "secrets" && typeof value === "object" && value !== null) {
      for (const [name, secret] of Object.entries(value)) secrets[name] = pulumi.secret(String(secret));
      values[key] = Object.fromEntries(Object.keys(value).map((name) => [name, "[secret]"]));
    } else {
      values[key] = value;
    }
  }
  return { values, secretKeys, secrets };
}

/** The engine hands over objects as JSON, and strings as they are. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
