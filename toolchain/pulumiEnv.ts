import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface PulumiSettings {
  /** The user's environment. */
  env: NodeJS.ProcessEnv;
  /** The user's home. */
  home: string;
  /** The checkout's own folder, absolute. */
  berthHome: string;
  /** Text of Pulumi.yaml's `backend.url`, where it names one. */
  projectBackend?: string | undefined;
  /** The backend that `pulumi login` last chose, where it was ever run. */
  loginBackend?: string | undefined;
}

/**
 * The environment for the engine and its plugins. A backend or passphrase of the user's own always wins: a
 * variable, then Pulumi.yaml, then a login or access token; the checkout's own are for those who chose none.
 */
export function pulumiEnv(settings: PulumiSettings): Record<string, string> {
  const { berthHome } = settings;
  return {
    PULUMI_HOME: join(berthHome, "pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // What the state says about the passphrase is enough: a stack's committed configuration need not repeat it.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    ...backend(settings),
    ...passphrase(settings),
  };
}

function backend({
  env,
  home,
  berthHome,
  projectBackend,
  loginBackend,
}: PulumiSettings): Record<string, string> {
  const chosen = env["PULUMI_BACKEND_URL"];
  if (chosen) {
    return { PULUMI_BACKEND_URL: chosen };
  }
  if (projectBackend !== undefined || loginBackend !== undefined || env["PULUMI_ACCESS_TOKEN"]) {
    return { PULUMI_CREDENTIALS_PATH: credentialsDir(env, home) };
  }
  return { PULUMI_BACKEND_URL: ownBackend(berthHome) };
}

/** A passphrase itself is never among the variables, as these are written to a file. */
function passphrase({ env, berthHome }: PulumiSettings): Record<string, string> {
  if (env["PULUMI_CONFIG_PASSPHRASE"] !== undefined) {
    return {};
  }
  const file = env["PULUMI_CONFIG_PASSPHRASE_FILE"] || passphraseFile(berthHome);
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

/** Where `pulumi login` keeps what it knows. */
export function credentialsDir(env: NodeJS.ProcessEnv, home: string): string {
  return env["PULUMI_CREDENTIALS_PATH"] || env["PULUMI_HOME"] || join(home, ".pulumi");
}

/** The checkout's own backend: files in its folder `state`. */
export const ownBackend = (berthHome: string): string => pathToFileURL(join(berthHome, "state")).href;

/** The checkout's own passphrase. */
export const passphraseFile = (berthHome: string): string => join(berthHome, "passphrase");
