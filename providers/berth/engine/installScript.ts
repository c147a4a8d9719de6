import { quote, script, unstoppable } from "./shell.js";

/** What the package manager writes while it installs; anyone on the machine may read it. */
export const installLog = "/run/berth-install.log";

/** Other programs (unattended-upgrades, cloud-init) may be using the package manager for a while after a boot. */
const lockLimitSeconds = 300;
const updateTries = 5;
const updatePauseSeconds = 10;

/**
 * Installs packages on Debian and its descendants, without questions and without a change to configuration files that are
 * there. Finishes a former installation that was interrupted. Its output is the package manager's words about a failure.
 */
export function installScript(packages: readonly string[]): string {
  const options = `-q -y -o DPkg::Lock::Timeout=${lockLimitSeconds} -o Dpkg::Options::=--force-confold`;
  const names = packages.map(quote).join(" ");
  return script(
    unstoppable,
    "umask 022",
    "export DEBIAN_FRONTEND=noninteractive",
    "install_all() {",
    "  dpkg --configure -a || return 1",
    "  n=1",
    "  until apt-get -q -o APT::Update::Error-Mode=any -o Acquire::Languages=none update; do",
    `    [ $n -lt ${updateTries} ] || return 1`,
    `    n=$((n + 1)); sleep ${updatePauseSeconds}`,
    "  done",
    `  apt-get ${options} --no-install-recommends install ${names}`,
    "}",
    `if install_all >${installLog} 2>&1; then rm -f ${installLog}; exit 0; fi`,
    `grep -E '^(E:|W:|Err:|dpkg: error|Errors were)' ${installLog} | tail -n 15`,
    `echo '…'; tail -n 5 ${installLog}`,
    "exit 1",
  );
}
