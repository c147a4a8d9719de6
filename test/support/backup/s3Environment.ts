import { vi } from "vitest";

/** Who may ask an S3 store for something. */
export interface S3User {
  readonly access: string;
  readonly secret: string;
}

/** Has the environment of this process name a store and who asks, and nothing else of the user's. */
export function stubS3Environment(endpoint: string, { access, secret }: S3User): void {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_ENDPOINT_URL_S3", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", access);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secret);
}
