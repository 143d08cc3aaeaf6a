import { type Context, type ContextKey, createSharedContextKey } from "../context/index.ts";

/** Who is running: found in the context of every hook and every call. */
export interface AppInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Empty until `run` has asked the servers. */
  readonly endpoints: readonly string[];
}

const key: ContextKey<AppInfo | undefined> = /* @__PURE__ */ createSharedContextKey<
  AppInfo | undefined
>("app", undefined);

/** The application this context belongs to; undefined outside one. */
export function appInfo(context: Context): AppInfo | undefined {
  return context.get(key);
}

/** A context that belongs to an application: for tests and servers without an App. */
export function withAppInfo(context: Context, info: AppInfo): Context {
  return context.with(key, info);
}
