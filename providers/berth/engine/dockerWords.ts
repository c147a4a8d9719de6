/**
 * What matters of Docker's journal: from its last attempt to start on where there is one, and without messages of level info
 * where there are others.
 */
export function dockerWords(journal: string): string {
  const lines = journal.split("\n").filter((line) => line.trim() !== "");
  const first = lines.findIndex((line) => line.startsWith("Starting docker.service"));
  const since = lines.slice(Math.max(first, 0));
  const grave = since.filter((line) => !line.includes(" level=info "));
  return (grave.length > 0 ? grave : since).join("\n");
}
