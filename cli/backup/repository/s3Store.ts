import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { UserError } from "../../say.js";
import { s3Failure } from "./s3Failure.js";
import { ObjectMissing, type Store } from "./store.js";

/** How often a request is sent, with growing pauses between: a few seconds in all. */
const attempts = 6;
const conflictMs = 200;

/** How long a store is waited for. */
interface S3Limits {
  /** For a connection. */
  readonly connectMs: number;
  /** For the answer to one attempt, and for each next part of it. */
  readonly answerMs: number;
  /** For all attempts. */
  readonly totalMs: number;
}

const defaultLimits: S3Limits = { connectMs: 10_000, answerMs: 60_000, totalMs: 5 * 60_000 };

/** A repository in a bucket of an S3-compatible store. */
export class S3Store implements Store {
  readonly where: string;
  readonly #client: S3Client;
  readonly #answering: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #totalMs: number;

  private constructor(client: S3Client, answering: string, bucket: string, prefix: string, totalMs: number) {
    this.#client = client;
    this.#answering = answering;
    this.#bucket = bucket;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    this.#totalMs = totalMs;
    this.where = `s3://${[bucket, prefix].filter(Boolean).join("/")}`;
  }

  /**
   * As the environment says, or the AWS profile in it: credentials, region and endpoint.
   *
   * @param prefix without slashes around it; may be empty
   * @throws UserError where the endpoint or the region is not usable; nothing is asked of the store yet
   */
  static async at(bucket: string, prefix: string, limits = defaultLimits): Promise<S3Store> {
    const config: S3ClientConfig = {
      maxAttempts: attempts,
      // Not all stores know the newer checksums; what is stored is checked by its name anyway.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: {
        connectionTimeout: limits.connectMs,
        requestTimeout: limits.answerMs,
        socketTimeout: limits.answerMs,
        throwOnRequestTimeout: true,
      },
    };
    // The client alone knows where a profile's endpoint stands.
    const { serviceConfiguredEndpoint, region } = new S3Client(config).config;
    const endpoint = checkedEndpoint(await serviceConfiguredEndpoint?.());
    const known =
      process.env["AWS_REGION"] ||
      process.env["AWS_DEFAULT_REGION"] ||
      (await region().catch(() => undefined));
    if (known === undefined && endpoint === undefined) {
      throw new UserError(
        `s3://${bucket}: its region is not said. Set AWS_REGION, or AWS_ENDPOINT_URL_S3 for a store that is not Amazon's.`,
      );
    }
    const client = new S3Client({
      ...config,
      // A store of one's own has one region, whose name signatures need all the same.
      region: known ?? "us-east-1",
      ...(endpoint && { endpoint: endpoint.href, forcePathStyle: true }),
    });
    return new S3Store(client, endpoint?.origin ?? "Amazon S3", bucket, prefix, limits.totalMs);
  }

  async get(key: string): Promise<Buffer> {
    const doing = `reading ${key}`;
    for (let attempt = 1; ; attempt++) {
      const { Body } = await this.#ask(doing, (options) =>
        this.#client.send(new GetObjectCommand(this.#object(key)), options),
      ).catch((error: Error) => {
        if (answerOf(error)?.name !== "NoSuchKey") throw error;
        throw new ObjectMissing(`${this.where}/${key} is not there`, { cause: error });
      });
      try {
        return Buffer.from(await Body!.transformToByteArray());
      } catch (error) {
        // Once an answer has begun, the client tries no more.
        if (attempt === attempts) throw this.#failure(error, doing);
      }
    }
  }

  async put(key: string, content: Buffer): Promise<void> {
    await this.#put(key, content, {});
  }

  async putNew(key: string, content: Buffer): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#put(key, content, { IfNoneMatch: "*" });
        return true;
      } catch (error) {
        const status = answerOf(error)?.$metadata.httpStatusCode;
        if (status === 412) return false;
        // It knows no conditions.
        if (status === 501) {
          if ((await this.timeOf(key)) !== undefined) return false;
          await this.put(key, content);
          return true;
        }
        // Another is putting it at this moment, and may fail.
        if (status !== 409 || attempt === attempts) throw error;
        await delay(conflictMs);
      }
    }
  }

  async timeOf(key: string): Promise<Date | undefined> {
    try {
      const head = await this.#ask(`looking for ${key}`, (options) =>
        this.#client.send(new HeadObjectCommand(this.#object(key)), options),
      );
      return head.LastModified;
    } catch (error) {
      if (answerOf(error)?.$metadata.httpStatusCode === 404) return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    await this.#ask(`deleting ${key}`, (options) =>
      this.#client.send(new DeleteObjectCommand(this.#object(key)), options),
    );
  }

  async list(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let from: { readonly ContinuationToken?: string } | undefined = {};
    while (from !== undefined) {
      const asked = { Bucket: this.#bucket, Prefix: this.#prefix + prefix, ...from };
      const page: ListObjectsV2CommandOutput = await this.#ask(`listing ${prefix}`, (options) =>
        this.#client.send(new ListObjectsV2Command(asked), options),
      );
      for (const { Key } of page.Contents ?? []) keys.push(Key!.slice(this.#prefix.length));
      from = page.NextContinuationToken ? { ContinuationToken: page.NextContinuationToken } : undefined;
    }
    return keys.sort();
  }

  #object(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  async #put(key: string, content: Buffer, condition: { readonly IfNoneMatch?: "*" }): Promise<void> {
    await this.#ask(`writing ${key}`, (options) =>
      this.#client.send(new PutObjectCommand({ ...this.#object(key), Body: content, ...condition }), options),
    );
  }

  /** @throws UserError, whose cause is the store's answer where it gave one */
  async #ask<T>(doing: string, send: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    try {
      return await send({ abortSignal: AbortSignal.timeout(this.#totalMs) });
    } catch (error) {
      throw this.#failure(error, doing);
    }
  }

  #failure(error: unknown, doing: string): UserError {
    return s3Failure(error, {
      where: this.where,
      bucket: this.#bucket,
      answering: this.#answering,
      doing,
    });
  }
}

function answerOf(error: unknown): S3ServiceException | undefined {
  const { cause } = error as Error;
  return cause instanceof S3ServiceException ? cause : undefined;
}

function checkedEndpoint(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new UserError(
      "the endpoint in AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the AWS profile is not usable. Write a URL without credentials: https://s3.example.org",
    );
  }
  return url;
}
