/** How many backups of each machine are kept: the newest, and the newest of each of so many days, weeks and months. */
export interface Retention {
  readonly last: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

interface Kept {
  readonly id: string;
  readonly machine: string;
  readonly taken: string;
}

/**
 * Which backups are to go. The newest of a machine that was verified never is: what nobody has tried is no substitute for it.
 *
 * @param verified ids
 */
export function toRemove<B extends Kept>(
  backups: readonly B[],
  retention: Retention,
  verified: ReadonlySet<string>,
): B[] {
  const machines = [...new Set(backups.map(({ machine }) => machine))];
  return machines.flatMap((name) => {
    const all = backups.filter(({ machine }) => machine === name);
    const newest = all.sort((one, other) => other.taken.localeCompare(one.taken));
    const keep = new Set<string>(newest.slice(0, retention.last).map(({ id }) => id));
    for (const [count, periodOf] of [
      [retention.daily, day],
      [retention.weekly, week],
      [retention.monthly, month],
    ] as const) {
      const firsts = new Map<string, string>();
      for (const { id, taken } of newest) {
        const period = periodOf(new Date(taken));
        if (!firsts.has(period)) firsts.set(period, id);
      }
      for (const id of [...firsts.values()].slice(0, count)) keep.add(id);
    }
    const tried = newest.find(({ id }) => verified.has(id));
    if (tried !== undefined) keep.add(tried.id);
    return newest.filter(({ id }) => !keep.has(id));
  });
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** The Monday that it begins with. */
function week(date: Date): string {
  const monday = new Date(date);
  monday.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return day(monday);
}

function month(date: Date): string {
  return date.toISOString().slice(0, 7);
}
