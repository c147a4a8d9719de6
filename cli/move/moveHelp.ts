/** What `berth move --help` says beside its arguments. */
export const moveHelp = `
Where both hypervisors allow it, the machine goes over while it runs, with its memory and its disks. Else it runs on while its
disks are copied, shuts itself down, what it has written since follows, and it starts at the target with its name, keys, ids and
address. Where it was, it is taken away only when it is up there; what fails before that goes back by itself. A move that was cut
off is done by doing it again. See docs/move.md.
`;
