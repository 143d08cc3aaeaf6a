export { App } from "./app.ts";
export { type AppInfo, appInfo, withAppInfo } from "./app-info.ts";
export type { AppOptions, Hook } from "./app-options.ts";
