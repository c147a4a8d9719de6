import type { DomainRef } from "../virsh/presenceOf.js";
import { parseDomainOption } from "./domainOption.js";

/** What is read from OpenSSH's command line options. Absent: not given. */
export interface SshOptions {
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
  readonly knownHostsFiles?: readonly string[];
  readonly connectTimeoutMs?: number;
  readonly domain?: DomainRef;
}

/** Options that change nothing here: one connection is shared anyway, and nobody is there to be asked. */
const withoutEffect = new Set(
  (
    "batchmode compression connectionattempts controlmaster controlpath controlpersist identitiesonly loglevel " +
    "passwordauthentication preferredauthentications pubkeyauthentication serveralivecountmax serveraliveinterval " +
    "tcpkeepalive updatehostkeys globalknownhostsfile requesttty ignoreunknown"
  ).split(" "),
);

/**
 * Reads the `sshOpts` of `@pulumi/docker`'s provider: `-i`, `-l`, `-p` and `-o` with IdentityFile, User, Port,
 * UserKnownHostsFile, StrictHostKeyChecking (only `yes`), ConnectTimeout (seconds) and Berth's own BerthDomain, each as two
 * words or one.
 * Errors name the option; one that would change the connection and is not supported is an error, not ignored.
 */
export function parseSshOptions(words: readonly string[]): SshOptions {
  const options: { -readonly [K in keyof SshOptions]: SshOptions[K] } = {};
  const queue = words.flatMap((word) => (word.trim() === "" ? [] : [word.trim()]));
  while (queue.length > 0) {
    const word = queue.shift() as string;
    const flag = word.slice(0, 2);
    if (word === "-q" || word === "-T" || word === "-C") continue;
    if (!["-i", "-l", "-p", "-o"].includes(flag)) throw unsupported(word);
    const value = (word.slice(2) || queue.shift())?.trim();
    if (!value) throw new Error(`sshOpts: ${flag} has no value.`);
    if (flag === "-o") set(options, ...keyword(value));
    else set(options, { "-i": "identityfile", "-l": "user", "-p": "port" }[flag] as string, value);
  }
  return options;
}

/** `Key=Value`, `Key = Value` or `Key Value`, the value possibly in quotes. */
function keyword(text: string): [key: string, value: string] {
  const match = /^(\w+)\s*(?:=|\s)\s*(.*)$/.exec(text);
  if (!match) throw new Error(`sshOpts: -o ${text} is not of the form Key=Value.`);
  return [match[1]!.toLowerCase(), match[2]!.replace(/^"(.*)"$/, "$1")];
}

function set(
  options: { -readonly [K in keyof SshOptions]: SshOptions[K] },
  key: string,
  value: string,
): void {
  switch (key) {
    case "identityfile":
      options.identityFile ??= value;
      break;
    case "user":
      options.user ??= value;
      break;
    case "port":
      options.port ??= whole("Port", value, 65535);
      break;
    case "connecttimeout":
      options.connectTimeoutMs ??= whole("ConnectTimeout", value, 3600) * 1000;
      break;
    case "userknownhostsfile":
      options.knownHostsFiles ??= value.split(/\s+/);
      break;
    case "berthdomain":
      options.domain ??= parseDomainOption(value);
      break;
    case "stricthostkeychecking":
      if (value.toLowerCase() !== "yes") {
        throw new Error(
          `sshOpts: StrictHostKeyChecking=${value} would accept any machine that answers. Only "yes" is accepted: ` +
            "put the host's key into a known_hosts file and name it with -o UserKnownHostsFile=FILE.",
        );
      }
      break;
    default:
      if (!withoutEffect.has(key)) throw unsupported(`-o ${key}`);
  }
}

function whole(name: string, value: string, max: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > max) {
    throw new Error(`sshOpts: ${name}=${value} is not a whole number from 1 to ${max}.`);
  }
  return number;
}

function unsupported(option: string): Error {
  return new Error(
    `sshOpts: ${option} is not supported. Supported: -i, -l, -p and -o IdentityFile, User, Port, UserKnownHostsFile, ` +
      "StrictHostKeyChecking=yes, ConnectTimeout.",
  );
}
