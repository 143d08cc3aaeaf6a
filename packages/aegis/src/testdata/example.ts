import { BbrLimiter, SreBreaker } from "@kratosjs/aegis";

const limiter = new BbrLimiter({ cpuThresholdRatio: 0.9 });

/** Answers a request, unless the server is too busy for it. */
export async function serve(work: () => Promise<string>): Promise<string> {
  const done = limiter.allow();
  if (done === undefined) return "too busy";
  return work().finally(() => done());
}

const breaker = new SreBreaker({ failureRatio: 0.3 });

/** Calls a peer, unless it fails too often. */
export async function call(peer: () => Promise<string>): Promise<string> {
  if (!breaker.allow()) {
    breaker.markFailed();
    return "not called";
  }
  try {
    const answer = await peer();
    breaker.markSuccess();
    return answer;
  } catch (error) {
    breaker.markFailed();
    throw error;
  }
}
