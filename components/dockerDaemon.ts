/** Docker's daemon.json where a user says nothing else: containers survive a restart of Docker, and their logs cannot fill the disk. */
export const defaultDaemon: Readonly<Record<string, unknown>> = {
  "live-restore": true,
  "log-driver": "local",
  "log-opts": { "max-file": "3", "max-size": "10m" },
};
