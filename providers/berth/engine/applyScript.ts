import { listenerSetting } from "./listenerSetting.js";
import { engineWeight, type Plan } from "./plan.js";
import { printText, quote, script, unstoppable } from "./shell.js";

/** How long Docker may take to start: its unit has no limit of its own. */
const startLimitSeconds = 240;

/** The exit codes of an apply script that say what went wrong. */
export const applyExit = {
  /** `dockerd --validate` refused the new daemon.json; nothing was changed. */
  refused: 10,
  /** Docker did not start with the new daemon.json; the old one is back and Docker runs with it. */
  putBack: 11,
  /** Docker does not start. */
  down: 12,
} as const;

const config = "/etc/docker/daemon.json";
/** The file before the last change. It stays there. */
const previous = `${config}.previous`;

/**
 * The script that carries out a plan, as one transaction on the machine: where Docker does not start with a new
 * daemon.json, the old one is back before the script ends, even if the connection is lost meanwhile. Its output is Docker's
 * own words about a failure, after a first line `since SECONDS` with the machine's clock.
 */
export function applyScript(plan: Plan): string {
  return script(
    unstoppable,
    "umask 022",
    'echo "since $(date +%s)"',
    ...journalFunction,
    "mkdir -p /etc/docker/certs.d || exit 1",
    ...plan.putCertificates.flatMap(({ registry, pem }) => putCertificate(registry, pem)),
    ...plan.removeCertificates.flatMap(removeCertificate),
    ...(plan.joinGroup === undefined ? [] : joinGroup(plan.joinGroup)),
    ...(plan.unmask ? ["systemctl unmask --quiet docker.service || exit 1"] : []),
    ...(plan.enable ? ["systemctl enable --quiet docker.service || exit 1"] : []),
    // At once and for good; unlike a file, no restart and no reload of systemd's is needed for it.
    ...plan.weigh.map((unit) => `systemctl set-property ${unit} CPUWeight=${engineWeight} || exit 1`),
    ...(plan.handOver ? handOver : []),
    ...(plan.daemonJson === undefined ? [] : putDaemonJson(plan.daemonJson)),
    ...activate(plan),
    "exit 0",
  );
}

/** Takes the last change of daemon.json back, and has Docker read the old one again. */
export function putBackScript(since: number): string {
  return script(
    unstoppable,
    ...journalFunction,
    `journal @${Math.floor(since)}`,
    ...putBack,
    "systemctl reload docker.service",
  );
}

/** Docker's last words. */
export function journalScript(lines: number): string {
  return script(`journalctl -u docker.service -n ${lines} -o cat --no-pager 2>&1`);
}

/** At once, and after each boot. */
const handOver = [
  `echo "${listenerSetting.name} = 1" >/etc/sysctl.d/60-berth.conf && echo 1 >${listenerSetting.file} || exit 1`,
];

const journalFunction = [
  // What a process wrote just before its end may not be in the journal yet.
  'journal() { journalctl --sync; journalctl -u docker.service --since "$1" -o cat --no-pager 2>&1 | tail -n 200; }',
];

const putBack = [`if [ -e ${previous} ]; then cp -p ${previous} ${config}; else rm -f ${config}; fi`];

function putCertificate(registry: string, pem: string): string[] {
  const folder = quote(`/etc/docker/certs.d/${registry}`);
  return [
    `mkdir -p ${folder} && ${printText(`${pem.trim()}\n`)} >${folder}/ca.crt.new && ` +
      `mv -f ${folder}/ca.crt.new ${folder}/ca.crt && : >${folder}/.berth || exit 1`,
  ];
}

function removeCertificate(registry: string): string[] {
  const folder = quote(`/etc/docker/certs.d/${registry}`);
  return [`rm -f ${folder}/ca.crt ${folder}/.berth; rmdir ${folder} 2>/dev/null`];
}

function joinGroup(user: string): string[] {
  return [
    "getent group docker >/dev/null || groupadd --system docker || exit 1",
    `usermod -aG docker ${quote(user)} || exit 1`,
  ];
}

function putDaemonJson(text: string): string[] {
  const next = `${config}.new`;
  return [
    `${printText(text)} >${next} || exit 1`,
    // Docker Engine 23 and later; an older one does not know the flag.
    `words=$(dockerd --validate --config-file ${next} 2>&1) || case $words in`,
    '  *"unknown flag"*) ;;',
    `  *) echo "$words"; rm -f ${next}; exit ${applyExit.refused} ;;`,
    "esac",
    `rm -f ${previous}; if [ -e ${config} ]; then cp -p ${config} ${previous} || exit 1; fi`,
    `mv -f ${next} ${config} || exit 1`,
  ];
}

function activate({ activation, daemonJson }: Plan): string[] {
  if (activation === "none") return [];
  const waitFor = (verb: string) => `timeout ${startLimitSeconds} systemctl ${verb} docker.service`;
  // A Docker that is still starting may have read either file, and takes a signal only when it is up.
  const run =
    activation === "reload" ? `${waitFor("start")} && systemctl reload docker.service` : waitFor(activation);
  const down = [`journal "$began"; exit ${applyExit.down}`];
  const recover = [
    'journal "$began"',
    ...putBack,
    "systemctl reset-failed docker.service docker.socket 2>/dev/null",
    `${waitFor("restart")} 2>/dev/null && exit ${applyExit.putBack}`,
    `exit ${applyExit.down}`,
  ];
  return [
    'began=$(date "+%Y-%m-%d %H:%M:%S")',
    "systemctl reset-failed docker.service docker.socket 2>/dev/null",
    `if ! { ${run}; } 2>/dev/null; then`,
    ...(daemonJson === undefined ? down : recover),
    "fi",
  ];
}
