const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

const shape = /^(\d{1,8})([HMSmun])$/;

/** Reads a grpc-timeout in milliseconds; undefined when it is none. */
export function parseGrpcTimeout(text: string): number | undefined {
  const match = shape.exec(text);
  const unit = unitMs[match?.[2] ?? ""];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

/** Writes milliseconds as a grpc-timeout, in the finest unit whose number has at most eight digits. Never below 1 ns. */
export function formatGrpcTimeout(timeoutMs: number): string {
  if (!(timeoutMs > 0)) return "1n";
  const whole = Math.ceil(timeoutMs);
  if (whole < 100_000_000) return `${whole}m`;
  const seconds = Math.ceil(timeoutMs / 1000);
  if (seconds < 100_000_000) return `${seconds}S`;
  const minutes = Math.ceil(timeoutMs / 60_000);
  if (minutes < 100_000_000) return `${minutes}M`;
  return `${Math.min(Math.ceil(timeoutMs / 3_600_000), 99_999_999)}H`;
}
