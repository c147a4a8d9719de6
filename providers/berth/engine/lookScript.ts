import { listenerSetting } from "./listenerSetting.js";
import { script } from "./shell.js";

/**
 * A script that tells all there is to know about a machine in one call, for each call costs up to a second on an emulated
 * one. Waits up to `waitSeconds` for the first boot to finish. Writes `key value` lines, which `machineFacts` reads; `-` is
 * no value, `=…` a text in base64.
 *
 * cloud-init's own command is a Python program that takes seconds to start there, so its files are read: result.json is
 * written when the last stage is over.
 */
export function lookScript(waitSeconds: number): string {
  return script(
    "state() {",
    "  if [ -e /run/cloud-init/disabled ]; then echo disabled",
    "  elif [ -e /run/cloud-init/result.json ]; then echo finished",
    "  elif [ -e /run/cloud-init/enabled ] || [ -e /run/cloud-init/status.json ]; then echo running",
    "  else echo absent; fi",
    "}",
    `n=0; while [ "$(state)" = running ] && [ $n -lt ${waitSeconds} ]; do sleep 1; n=$((n + 1)); done`,
    'text() { if [ -e "$2" ]; then printf \'%s =\' "$1"; base64 <"$2" | tr -d \'\\n\'; echo; else echo "$1 -"; fi; }',
    "user=${SUDO_USER:-$(id -un)}",
    'echo "user $user"',
    'echo "groups $(id -nG "$user" | tr " " ,)"',
    "text os /etc/os-release",
    "text machineId /etc/machine-id",
    'echo "boot $(state)"',
    "text bootResult /run/cloud-init/result.json",
    "text bootStatus /run/cloud-init/status.json",
    'echo "dockerd $(command -v dockerd || echo -)"',
    "if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then",
    // A block for each unit, in this order, with an empty line between them.
    "  systemctl show docker.service containerd.service -p LoadState -p UnitFileState -p ActiveState -p CPUWeight |",
    '    awk -F= -v unit=unit \'NF { print unit "." $1, $2 } !NF { unit = "containerd" }\'',
    "else echo 'unit.LoadState -'; fi",
    "if [ -e /sys/module/apparmor/parameters/enabled ]; then",
    '  echo "apparmor $(cat /sys/module/apparmor/parameters/enabled) $(command -v apparmor_parser || echo -)"',
    "fi",
    `echo "handsOver $(cat ${listenerSetting.file} 2>/dev/null || echo -)"`,
    "text daemon /etc/docker/daemon.json",
    "for file in /etc/docker/certs.d/*/ca.crt; do",
    '  [ -e "$file" ] || continue',
    '  folder=${file%/ca.crt}; ours=theirs; [ -e "$folder/.berth" ] && ours=ours',
    '  text "certificate.$ours.${folder##*/}" "$file"',
    "done",
    "echo 'end .'",
  );
}
