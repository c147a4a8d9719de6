import { accountConfig } from "./account.js";
import { yaml } from "./userData.js";

/**
 * The user-data of a machine that is saved for others to start from: the account, with nobody's key; no host key; Docker
 * configured as it will be, so that it need not start again.
 */
export function templateUserData(daemon: Readonly<Record<string, unknown>>): string {
  const config = {
    ...accountConfig([]),
    hostname: "berth-template",
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
    write_files: [
      {
        path: "/etc/docker/daemon.json",
        content: `${JSON.stringify(daemon, undefined, 2)}\n`,
        permissions: "0644",
      },
    ],
  };
  return `#cloud-config\n${yaml(config)}`;
}

/** Its network interface leads nowhere, and is nobody's to set up. */
export const templateNetworkConfig = yaml({ version: 2, ethernets: {} });
