export { envSource, type EnvSourceOptions } from "./env-source.ts";
