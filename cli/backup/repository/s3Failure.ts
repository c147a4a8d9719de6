import { UserError } from "../../say.js";

/** What was asked of an S3 store. */
export interface S3Request {
  /** The repository: `s3://bucket/prefix`. */
  readonly where: string;
  readonly bucket: string;
  /** Who answers: `http://127.0.0.1:9000`, or `Amazon S3`. */
  readonly answering: string;
  /** e.g. `reading repository.json`. */
  readonly doing: string;
}

type Words = (request: S3Request, error: Failure) => string;

/** What is known of an error: an answer of the store, or one of the network. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly Region?: string;
}

const denied: Words = ({ doing, bucket }) =>
  `${doing} is denied. The credentials need s3:ListBucket on the bucket "${bucket}", and s3:GetObject, s3:PutObject and s3:DeleteObject on what is in it.`;
const unknownKey: Words = ({ answering }) =>
  `${answering} does not know the access key. Correct AWS_ACCESS_KEY_ID, or the profile's.`;
const wrongSecret: Words = () =>
  "the secret key is not the one of the access key. Correct AWS_SECRET_ACCESS_KEY, or the profile's.";
const expired: Words = () => "the credentials have expired. Get new ones.";
const noCredentials: Words = () =>
  "there are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.";
const noBucket: Words = ({ answering, bucket }) =>
  `${answering} has no bucket "${bucket}". Make it, or name another one.`;
const otherRegion: Words = ({ bucket }, { Region }) =>
  `the bucket "${bucket}" is in another region${Region === undefined ? "" : `, ${Region}`}. Set AWS_REGION to its region.`;
const clock: Words = ({ answering }) =>
  `this machine's clock and the one of ${answering} differ by more than it takes. Set this one, by NTP.`;
const busy: Words = ({ answering }) => `${answering} is overloaded. Run it again later.`;
const unreachable: Words = ({ answering }, { code }) =>
  `${answering} can't be reached (${code}). See that it runs, and that AWS_ENDPOINT_URL_S3 is right.`;
const silent: Words = ({ answering, doing }) =>
  `${answering} did not answer in time, ${doing}. See that it runs, and run it again.`;
const noTls: Words = ({ answering }) =>
  `${answering} does not speak TLS. Write http:// in AWS_ENDPOINT_URL_S3 where that is meant.`;
const untrusted: Words = ({ answering }, { code }) =>
  `the certificate of ${answering} is not trusted (${code}). Give its authority's in NODE_EXTRA_CA_CERTS.`;
const noS3: Words = ({ answering }, { $metadata }) =>
  `what answers at ${answering} is no S3 store (HTTP ${$metadata?.httpStatusCode}). Correct AWS_ENDPOINT_URL_S3.`;

/** By the store's, the client's or the network's name for it. */
const words: Readonly<Record<string, Words>> = {
  AccessDenied: denied,
  Forbidden: denied,
  403: denied,
  AllAccessDisabled: denied,
  InvalidAccessKeyId: unknownKey,
  SignatureDoesNotMatch: wrongSecret,
  ExpiredToken: expired,
  InvalidToken: expired,
  TokenRefreshRequired: expired,
  CredentialsProviderError: noCredentials,
  NoSuchBucket: noBucket,
  PermanentRedirect: otherRegion,
  AuthorizationHeaderMalformed: otherRegion,
  IllegalLocationConstraintException: otherRegion,
  301: otherRegion,
  RequestTimeTooSkewed: clock,
  RequestExpired: clock,
  SlowDown: busy,
  ServiceUnavailable: busy,
  503: busy,
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  EPIPE: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: silent,
  TimeoutError: silent,
  AbortError: silent,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  CERT_HAS_EXPIRED: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};

/** Why a request failed, and what helps, in words that tell no secret. */
export function s3Failure(error: unknown, request: S3Request): UserError {
  const failure = error as Failure;
  const { code = "", name, message, $metadata } = failure;
  const known = words[code] ?? words[name] ?? words[String($metadata?.httpStatusCode)];
  const isUnreadable = message.includes("Deserialization error");
  const text = isUnreadable ? noS3(request, failure) : known?.(request, failure);
  return new UserError(
    `${request.where}: ${text ?? `${request.doing} failed (${code || name}): ${message}`}`,
    {
      cause: error,
    },
  );
}
