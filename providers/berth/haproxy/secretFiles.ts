import { posix } from "node:path";
import { inContainer, type Place } from "./candidate.js";
import { type ContainerFile, putSecretFolder } from "./containerFiles.js";

/** By name, without a folder. */
export type SecretFiles = Readonly<Record<string, string>>;

/** Where a configuration's secret files lie: a folder beside it, for root only. */
export function secretFolder(path: string): string {
  return posix.join(posix.dirname(path), "secret");
}

/** Where they lie until they are in force. */
function candidateFolder(path: string): string {
  return `${secretFolder(path)}.candidate`;
}

/** How the secret files that are wanted differ from those that are there. */
export interface SecretsDifference {
  /** New, or of another content. */
  readonly changed: readonly string[];
  /** Wanted no more. */
  readonly gone: readonly string[];
}

export function secretsDifference(
  there: ReadonlyMap<string, ContainerFile>,
  wanted: SecretFiles,
): SecretsDifference {
  return {
    changed: Object.keys(wanted).filter((name) => there.get(name)?.text !== wanted[name]),
    gone: [...there.keys()].filter((name) => wanted[name] === undefined),
  };
}

/** The change of the secret files of one configuration, from beside their place into it, and back. */
export class SecretChange {
  readonly difference: SecretsDifference;
  readonly #wanted: SecretFiles;

  /** @param wanted default: those that are there */
  constructor(
    private readonly place: Place,
    private readonly there: ReadonlyMap<string, ContainerFile>,
    wanted?: SecretFiles,
  ) {
    this.#wanted = wanted ?? Object.fromEntries([...there].map(([name, { text }]) => [name, text]));
    this.difference = secretsDifference(there, this.#wanted);
  }

  /** Puts all of them beside their place, with a date for those that change. */
  async stage(modified: number): Promise<void> {
    if (this.difference.changed.length === 0) return;
    await this.#remove([candidateFolder(this.place.path)]);
    await this.#put(candidateFolder(this.place.path), Object.keys(this.#wanted), modified);
  }

  /** A configuration as it reads while its secret files are beside their place, for HAProxy's check. */
  staged(text: string): string {
    const { path } = this.place;
    if (this.difference.changed.length === 0) return text;
    return text.replaceAll(`${secretFolder(path)}/`, `${candidateFolder(path)}/`);
  }

  /** Words of HAProxy's on such a configuration, with the files' real names. */
  readonly named = (words: string): string =>
    words.replaceAll(candidateFolder(this.place.path), secretFolder(this.place.path));

  stagedPath(name: string): string {
    return posix.join(candidateFolder(this.place.path), name);
  }

  finalPath(name: string): string {
    return posix.join(secretFolder(this.place.path), name);
  }

  /** Puts those that changed in their place; those that go stay until {@link finish}. */
  async commit(signal: AbortSignal): Promise<void> {
    const { shell, path } = this.place;
    const { changed } = this.difference;
    if (changed.length === 0) return;
    await putSecretFolder(shell.container, secretFolder(path), new Map());
    const files = changed.map((one) => this.stagedPath(one));
    await inContainer(this.place, ["mv", "-f", ...files, `${secretFolder(path)}/`], signal);
  }

  /** Puts the former ones back, and takes new ones away. */
  async putBack(): Promise<void> {
    const { changed } = this.difference;
    const former = [...this.there].filter(([name]) => changed.includes(name));
    if (former.length > 0) {
      await putSecretFolder(this.place.shell.container, secretFolder(this.place.path), new Map(former));
    }
    await this.#remove(changed.filter((name) => !this.there.has(name)).map((name) => this.finalPath(name)));
  }

  /** Leaves nothing in the container but what is in force. */
  async finish(): Promise<void> {
    await this.#remove([...this.difference.gone.map((name) => this.finalPath(name)), ...this.#candidates()]);
  }

  /** Takes what is beside their place away again. */
  async discard(): Promise<void> {
    await this.#remove(this.#candidates());
  }

  /** Also where none has changed: an update that was killed may have left some. */
  #candidates(): string[] {
    const secrets = this.there.size + Object.keys(this.#wanted).length;
    return secrets === 0 ? [] : [candidateFolder(this.place.path)];
  }

  async #put(folder: string, names: readonly string[], modified: number): Promise<void> {
    const files = names.map((name) => [name, { text: this.#wanted[name] ?? "", modified }] as const);
    await putSecretFolder(this.place.shell.container, folder, new Map(files));
  }

  /** Not under a call's signal: what is cancelled leaves no secrets lying about. */
  async #remove(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await inContainer(this.place, ["rm", "-rf", ...paths], AbortSignal.timeout(removeLimitMs));
  }
}

const removeLimitMs = 30_000;
