/** What `berth move --help` says beside its arguments. */
export const moveHelp = `
The machine runs on while its disks are copied. It then shuts itself down, what it has written since follows, and it starts at
the target with its name, keys, ids and address. Where it was, it is taken away only when it is up there; what fails before
that goes back by itself. A move that was cut off is done by doing it again. See docs/move.md.
`;
