import type { ServerSessionOptions } from "../contract.ts";

/** Every option of a session with its value. */
export type SessionConfig = Required<ServerSessionOptions> & { readonly server: boolean };

const defaults = {
  maxConcurrentStreams: 1024,
  initialWindowBytes: 1_048_576,
  connectionWindowBytes: 4_194_304,
  maxFrameBytes: 16_384,
  maxHeaderListBytes: 65_536,
  headerTableBytes: 4096,
  keepaliveIntervalMs: 0,
  keepaliveTimeoutMs: 20_000,
  prefaceTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 0,
  maxConnectionAgeMs: 0,
  maxConnectionAgeGraceMs: 0,
  minPingIntervalMs: 10_000,
  writeTimeoutMs: 30_000,
} as const satisfies Required<ServerSessionOptions>;

const times = [
  "keepaliveIntervalMs",
  "keepaliveTimeoutMs",
  "prefaceTimeoutMs",
  "headersTimeoutMs",
  "idleTimeoutMs",
  "maxConnectionAgeMs",
  "maxConnectionAgeGraceMs",
  "minPingIntervalMs",
  "writeTimeoutMs",
] as const;

/**
 * Fills in the defaults.
 * @throws {RangeError} If a size is outside what RFC 9113 allows, or a time is negative.
 */
export function configure(options: ServerSessionOptions, server: boolean): SessionConfig {
  const config = { ...defaults, ...options, server };
  within(config, "maxFrameBytes", [16_384, 16_777_215]);
  within(config, "initialWindowBytes", [1, 0x7fff_ffff]);
  within(config, "connectionWindowBytes", [65_535, 0x7fff_ffff]);
  within(config, "maxHeaderListBytes", [1024, 0x7fff_ffff]);
  within(config, "headerTableBytes", [0, 1_048_576]);
  within(config, "maxConcurrentStreams", [0, 0x7fff_ffff]);
  for (const name of times) {
    if (config[name] >= 0) continue;
    throw new RangeError(
      `Cannot open a session as '${name}' must be 0 or more: current value is ${config[name]}`,
    );
  }
  return config;
}

/**
 * Looks whether a session can be opened with these options.
 * @throws {RangeError} If a size is outside what RFC 9113 allows.
 */
export function checkSessionOptions(options: ServerSessionOptions): void {
  configure(options, true);
}

function within(
  config: SessionConfig,
  name: keyof ServerSessionOptions,
  [least, most]: readonly [number, number],
): void {
  const value = config[name];
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot open a session as '${name}' must be ${least} to ${most}: current value is ${value}`,
  );
}
