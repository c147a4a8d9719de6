import { yaml } from "./userData.js";

export interface MetaData {
  /** Names the machine's life: another one makes cloud-init treat the next boot as the first. */
  readonly instanceId: string;
  /** Host name, a DNS label. */
  readonly hostname: string;
}

/** A machine's meta-data. */
export function metaData({ instanceId, hostname }: MetaData): string {
  return yaml({ "instance-id": instanceId, "local-hostname": hostname });
}
