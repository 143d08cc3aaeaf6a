import type { Session } from "node:inspector";
import { type Context, sleep } from "../../context/index.ts";

/** Notes where the process spends its time, until the time is up or the context ends; the form is V8's. */
export async function cpuProfile(durationMs: number, ctx: Context): Promise<string> {
  // Builds without an inspector do not have the module.
  const { Session: InspectorSession } = await import("node:inspector");
  const session = new InspectorSession();
  session.connect();
  try {
    await post(session, "Profiler.enable");
    await post(session, "Profiler.start");
    // Who has left is not waited for; what was noted until then is thrown away.
    await sleep(durationMs, { signal: ctx.signal }).catch(() => {});
    const { profile } = (await post(session, "Profiler.stop")) as { readonly profile: unknown }; // by the protocol
    return JSON.stringify(profile);
  } finally {
    session.disconnect();
  }
}

function post(session: Session, method: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, (error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
